import Backends
import Digests
import Linux
import Synchronization

/// Memory blobs of one life, with the faults of the scene; every call is a place to interleave.
final class ModelBlobs: BlobStore, LocalBlobs {
    let inner: MemoryBlobs
    let life: Life
    let scene: Scene

    init(_ inner: MemoryBlobs, _ life: Life, _ scene: Scene) {
        self.inner = inner
        self.life = life
        self.scene = scene
    }

    func enter() async throws(StoreError) {
        await Task.yield()
        if life.isDead { throw .closed }
    }

    func find(_ digest: BlobDigest) -> LocalBlob {
        life.isDead ? .failed(.closed) : inner.find(digest)
    }

    func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        try await enter()
        if scene.faults.failsToStage { throw .full }
        return ModelStagedBlob(try await inner.stage(durability), self)
    }

    func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await enter()
        return try await inner.verify(digest)
    }

    func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        try await enter()
        return try await inner.read(digest, at: offset, count: count)
    }

    func delete(_ digest: BlobDigest) async throws(StoreError) {
        try await enter()
        scene.promises.withLock { $0.deleted(digest) }
        try await inner.delete(digest)
    }
}

private final class ModelStagedBlob: StagedBlob {
    private let inner: any StagedBlob
    private let owner: ModelBlobs
    private let count = Atomic<Int>(0)
    private let isUnfinished = Atomic<Bool>(true)

    init(_ inner: any StagedBlob, _ owner: ModelBlobs) {
        self.inner = inner
        self.owner = owner
        owner.life.stagedCount.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { end() }

    private func end() {
        guard isUnfinished.exchange(false, ordering: .relaxed) else { return }
        owner.life.stagedCount.wrappingSubtract(1, ordering: .relaxed)
    }

    var reader: OpenFile { inner.reader }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        try await owner.enter()
        let total = count.load(ordering: .relaxed) + bytes.count
        if let room = owner.scene.faults.room, total > room { throw .full }
        try await inner.append(bytes)
        count.store(total, ordering: .relaxed)
    }

    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
        try await owner.enter()
        return try await inner.read(at: offset, count: count)
    }

    /// Publishes the bytes, and looks whether they are those of their name.
    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
        try await owner.enter()
        if owner.scene.faults.failsToCommit { throw .system(operation: .sync, code: 5) }
        let bytes = try await inner.read(at: 0, count: count.load(ordering: .relaxed))
        if BlobDigest.of(bytes) != digest {
            owner.scene.blame("stored under a digest that the bytes do not have")
        }
        let file = try await inner.commit(as: digest)
        end()
        return file
    }

    func abandon() async {
        await inner.abandon()
        end()
    }
}
