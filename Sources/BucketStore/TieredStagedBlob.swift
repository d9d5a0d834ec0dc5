internal import Backends
internal import Digests
internal import Linux
internal import Synchronization

/// A blob on its way into the tier and, if it must last, into the bucket before that.
final class TieredStagedBlob: StagedBlob {
    private let local: any StagedBlob
    private let durability: Durability
    private let store: TieredBlobs
    private let byteCount = Mutex(0)

    init(_ local: any StagedBlob, _ durability: Durability, store: TieredBlobs) {
        self.local = local
        self.durability = durability
        self.store = store
    }

    var reader: OpenFile { local.reader }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        do throws(StoreError) {
            try await local.append(bytes)
        } catch {
            await store.makeRoom(after: error)
            throw error
        }
        byteCount.withLock { $0 += bytes.count }
    }

    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
        try await local.read(at: offset, count: count)
    }

    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
        let byteCount = byteCount.withLock { $0 }
        if durability == .durable {
            // The bucket first: a row in the database means that every replica can have it.
            try await store.secure(
                ObjectContent(byteCount: byteCount, digest: digest) {
                    [local] (offset, count) async throws(StoreError) in
                    try await local.read(at: offset, count: count)
                })
        }
        let file = try await local.commit(as: digest)
        await store.keep(digest, byteCount: byteCount)
        return file
    }

    func abandon() async { await local.abandon() }
}
