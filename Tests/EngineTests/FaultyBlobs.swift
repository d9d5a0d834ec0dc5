import Backends
import Digests
import Linux
import Synchronization

/// Memory blobs whose disk can be full.
final class FaultyBlobs: BlobStore, LocalBlobs {
    struct Faults: Sendable {
        var failsToStage = false
        /// Appends fail once this many bytes are staged in one blob.
        var room: Int?
        var failsToCommit = false
    }

    let inner = MemoryBlobs()
    let faults = Mutex(Faults())

    func find(_ digest: BlobDigest) -> LocalBlob { inner.find(digest) }

    func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        guard !faults.withLock({ $0.failsToStage }) else { throw .full }
        return FaultyStaged(inner: try await inner.stage(durability), owner: self)
    }

    func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await inner.verify(digest)
    }

    func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        try await inner.read(digest, at: offset, count: count)
    }

    func delete(_ digest: BlobDigest) async throws(StoreError) {
        try await inner.delete(digest)
    }
}

private final class FaultyStaged: StagedBlob {
    private let inner: any StagedBlob
    private let owner: FaultyBlobs
    private let count = Atomic<Int>(0)

    init(inner: any StagedBlob, owner: FaultyBlobs) {
        self.inner = inner
        self.owner = owner
    }

    var reader: OpenFile { inner.reader }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        let total = count.wrappingAdd(bytes.count, ordering: .relaxed).newValue
        if let room = owner.faults.withLock({ $0.room }), total > room { throw .full }
        try await inner.append(bytes)
    }

    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
        guard !owner.faults.withLock({ $0.failsToCommit }) else {
            throw .system(operation: .sync, code: 5)
        }
        return try await inner.commit(as: digest)
    }

    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
        try await inner.read(at: offset, count: count)
    }

    func abandon() async { await inner.abandon() }
}
