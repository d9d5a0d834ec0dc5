import Backends
import Digests
import Linux
import Support
import Synchronization

/// Memory blobs whose disk can be full.
final class FaultyBlobs: BlobStore, LocalBlobs {
    struct Faults: Sendable {
        var failsToStage = false
        /// Appends fail once this many bytes are staged in one blob.
        var room: Int?
        var failsToCommit = false
        /// Commits wait here.
        var commitGate: Gate?
        /// What is stored is there, and cannot be read.
        var failsToRead = false
        /// What is read back of a staged blob has a wrong byte.
        var misreads = false
    }

    let inner: any BlobStore & LocalBlobs
    let meters: Meters
    let faults = Mutex(Faults())
    /// Staged blobs that were neither committed nor abandoned yet.
    let unfinishedCount = Atomic<Int>(0)
    /// Commits that went well.
    let commitCount = Atomic<Int>(0)

    init(_ inner: any BlobStore & LocalBlobs = MemoryBlobs(), meters: Meters = Meters()) {
        self.inner = inner
        self.meters = meters
    }

    private static let unreadable = StoreError.system(operation: .read, code: 5)

    func find(_ digest: BlobDigest) -> LocalBlob {
        let found = inner.find(digest)
        if case .ready = found, faults.withLock({ $0.failsToRead }) {
            return .failed(Self.unreadable)
        }
        return found
    }

    func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        guard !faults.withLock({ $0.failsToStage }) else { throw .full }
        let staged = try await inner.stage(durability)
        return FaultyStaged(
            inner: staged, owner: self,
            meter: durability == .durable ? meters.fetched : meters.made)
    }

    func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await inner.verify(digest)
    }

    func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        if faults.withLock({ $0.failsToRead }) { throw Self.unreadable }
        let bytes = try await inner.read(digest, at: offset, count: count)
        meters.read.give(bytes?.count ?? 0)
        return bytes
    }

    func delete(_ digest: BlobDigest) async throws(StoreError) {
        try await inner.delete(digest)
    }
}

private final class FaultyStaged: StagedBlob {
    private let inner: any StagedBlob
    private let owner: FaultyBlobs
    private let meter: Meter
    private let count = Atomic<Int>(0)
    private let isUnfinished = Atomic<Bool>(true)

    init(inner: any StagedBlob, owner: FaultyBlobs, meter: Meter) {
        self.inner = inner
        self.owner = owner
        self.meter = meter
        owner.unfinishedCount.wrappingAdd(1, ordering: .relaxed)
    }

    private func end() {
        guard isUnfinished.exchange(false, ordering: .relaxed) else { return }
        owner.unfinishedCount.wrappingSubtract(1, ordering: .relaxed)
    }

    var reader: OpenFile { inner.reader }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        let total = count.wrappingAdd(bytes.count, ordering: .relaxed).newValue
        if let room = owner.faults.withLock({ $0.room }), total > room { throw .full }
        try await inner.append(bytes)
        meter.take(bytes.count)
    }

    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
        guard !owner.faults.withLock({ $0.failsToCommit }) else {
            throw .system(operation: .sync, code: 5)
        }
        await owner.faults.withLock { $0.commitGate }?.pass()
        let file = try await inner.commit(as: digest)
        owner.commitCount.wrappingAdd(1, ordering: .relaxed)
        end()
        return file
    }

    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
        var bytes = try await inner.read(at: offset, count: count)
        if !bytes.isEmpty, owner.faults.withLock({ $0.misreads }) { bytes[0] ^= 1 }
        return bytes
    }

    func abandon() async {
        await inner.abandon()
        end()
    }
}
