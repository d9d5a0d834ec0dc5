internal import Backends
internal import Digests
internal import Linux

/// A blob that is being written: to the store, or to a memory file once the store takes no more.
///
/// Every draft ends with ``commit(as:)`` or ``abandon()``.
struct BlobDraft: ~Copyable {
    /// How much is copied at a time from the disk to memory, in bytes.
    private static let step = 65_536

    private let engine: PullThroughEngine
    private var hasher: MultiHasher?
    private var staged: (any StagedBlob)?
    private var memory: GrowingFile?
    /// What was computed of the bytes in memory, if some of them were read back from the disk.
    private var copied: MultiHasher?
    private var reservedCount = 0
    private(set) var byteCount = 0

    /// Begins a blob of which SHA-256 and `algorithms` are computed.
    init(
        _ engine: PullThroughEngine, _ durability: Durability,
        also algorithms: [DigestAlgorithm] = []
    ) async throws(FillFailure) {
        self.engine = engine
        guard let hasher = try? MultiHasher(also: algorithms) else { throw .storeFailed }
        self.hasher = consume hasher
        do throws(StoreError) {
            staged = try await engine.stores.blobs.stage(durability)
        } catch {
            engine.tell(error)
        }
    }

    /// Whether all of it is in the store's hands so far.
    var isStaged: Bool { staged != nil }

    /// Adds bytes at the end.
    ///
    /// - Throws: ``FillFailure/storeFull`` when neither store nor memory takes them.
    mutating func append(_ bytes: [UInt8]) async throws(FillFailure) {
        guard !bytes.isEmpty else { return }
        hasher?.update(bytes)
        if let staged {
            do throws(StoreError) {
                try await staged.append(bytes)
                byteCount += bytes.count
                return
            } catch {
                engine.tell(error)
                try await moveToMemory()
            }
        }
        try remember(bytes)
        byteCount += bytes.count
    }

    /// Ends the computation of the digests; called once, before ``commit(as:)``.
    mutating func finish() -> ContentDigests? {
        hasher.take()?.finish()
    }

    /// Stores the bytes under their digest if wanted and possible, else keeps them in memory.
    ///
    /// Returns whether they are in the store.
    /// - Throws: ``FillFailure/storeFull`` when neither is possible, or a failing disk gave back
    ///   other bytes than it was given.
    mutating func commit(
        as digest: BlobDigest, inStore: Bool = true
    ) async throws(FillFailure) -> Bool {
        if let staged, inStore {
            do throws(StoreError) {
                _ = try await staged.commit(as: digest)
                self.staged = nil
                return true
            } catch {
                engine.tell(error)
            }
        }
        try await moveToMemory()
        if memory == nil { try remember([]) }
        if let copied = copied.take()?.finish(), copied.blob != digest { throw .storeFull }
        guard let file = try? memory?.snapshot() else { throw .storeFull }
        engine.volatile.keep(file, as: digest)
        reservedCount = 0
        memory = nil
        return false
    }

    /// Throws away what was not committed; harmless otherwise.
    mutating func abandon() async {
        await staged?.abandon()
        staged = nil
        memory = nil
        engine.volatile.giveBack(reservedCount)
        reservedCount = 0
    }

    /// Copies what is staged into memory, and gives the staged file up.
    private mutating func moveToMemory() async throws(FillFailure) {
        guard let staged else { return }
        guard byteCount <= engine.rules.volatileBlobLimit,
            let hasher = try? MultiHasher()
        else { throw .storeFull }
        copied = consume hasher
        var offset = 0
        while offset < byteCount {
            let piece: [UInt8]
            do throws(StoreError) {
                piece = try await staged.read(
                    at: offset, count: min(Self.step, byteCount - offset))
            } catch {
                throw .storeFull
            }
            guard !piece.isEmpty else { throw .storeFull }
            try remember(piece)
            offset += piece.count
        }
        await staged.abandon()
        self.staged = nil
    }

    private mutating func remember(_ bytes: [UInt8]) throws(FillFailure) {
        guard reservedCount + bytes.count <= engine.rules.volatileBlobLimit,
            engine.volatile.reserve(bytes.count)
        else { throw .storeFull }
        reservedCount += bytes.count
        do throws(Errno) {
            if memory == nil { memory = try GrowingFile.memory() }
            try memory?.append(bytes)
        } catch {
            throw .storeFull
        }
        copied?.update(bytes)
    }
}
