import Backends
import Digests
import Resources
import Synchronization

/// The memory database as one life sees it, with the faults of the scene; every call is a place to
/// interleave.
final class ModelMetadata: MetadataStore {
    let inner: MemoryMetadata
    let life: Life
    let scene: Scene

    init(_ inner: MemoryMetadata, _ life: Life, _ scene: Scene) {
        self.inner = inner
        self.life = life
        self.scene = scene
    }

    func read() async throws(StoreError) {
        await Task.yield()
        if life.isDead { throw .closed }
        if scene.faults.isDatabaseBroken { throw .database(code: 10) }
    }

    func write() async throws(StoreError) {
        try await read()
        if scene.faults.isDatabaseFull { throw .full }
    }

    func response(for key: CacheKey) async throws(StoreError) -> StoredResponse? {
        try await read()
        return try await inner.response(for: key)
    }

    func store(_ response: StoredResponse, facts: [FileFact]) async throws(StoreError) {
        try await write()
        try await inner.store(response, facts: facts)
    }

    func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        try await write()
        return try await inner.freshen(response)
    }

    func remove(_ key: CacheKey) async throws(StoreError) {
        try await write()
        scene.promises.withLock { $0.removed(key.text) }
        try await inner.remove(key)
    }

    func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal {
        try await write()
        let removal = try await inner.remove(rows)
        scene.promises.withLock { promises in
            for row in removal.rows { promises.removed(row.response.key.text) }
        }
        return removal
    }

    func totals() async throws(StoreError) -> StoreTotals {
        try await read()
        return try await inner.totals()
    }

    func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark> {
        try await read()
        return try await inner.leastRecentlyUsed(kind, after: mark, limit: limit)
    }

    func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool {
        try await read()
        return try await inner.isReferenced(body)
    }

    func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact? {
        try await read()
        return try await inner.fact(for: artifact)
    }

    func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64? {
        try await read()
        return try await inner.earliestPublication(in: document)
    }

    func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest? {
        try await read()
        return try await inner.pin(for: artifact)
    }

    func pin(
        _ artifact: CacheKey, to digest: BlobDigest
    ) async throws(StoreError) -> BlobDigest {
        try await write()
        return try await inner.pin(artifact, to: digest)
    }

    func record(_ uses: [CacheKey: Int64]) async throws(StoreError) {
        try await write()
        try await inner.record(uses)
    }

    func record(_ event: StoredEvent) async throws(StoreError) {
        try await write()
        try await inner.record(event)
    }

    func recent(limit: Int) async throws(StoreError) -> [StoredEvent] {
        try await read()
        return try await inner.recent(limit: limit)
    }
}
