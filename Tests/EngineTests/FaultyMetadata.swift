import Backends
import Digests
import Resources
import Synchronization

/// A metadata database that can be out of order.
final class FaultyMetadata: MetadataStore {
    let inner: MemoryMetadata
    let isBroken = Mutex(false)
    /// Whether the log of changes cannot be read, and all else can.
    let isLogBroken = Mutex(false)
    /// Whether the next row cannot go since the disk is full.
    let isFullOnce = Mutex(false)
    /// Runs before each look for a response.
    let whenAsked = Mutex<@Sendable () -> Void>({})

    init(_ inner: MemoryMetadata) {
        self.inner = inner
    }

    func check() throws(StoreError) {
        if isBroken.withLock({ $0 }) { throw .database(code: 10) }
    }

    func response(for key: CacheKey) async throws(StoreError) -> StoredResponse? {
        whenAsked.withLock { $0 }()
        try check()
        return try await inner.response(for: key)
    }

    func store(_ response: StoredResponse, facts: [FileFact]) async throws(StoreError) {
        try check()
        try await inner.store(response, facts: facts)
    }

    @discardableResult
    func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        try check()
        return try await inner.freshen(response)
    }

    func remove(_ key: CacheKey) async throws(StoreError) {
        try check()
        try await inner.remove(key)
    }

    func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal {
        try check()
        let isFull = isFullOnce.withLock { isFull in
            defer { isFull = false }
            return isFull
        }
        if isFull { throw .full }
        return try await inner.remove(rows)
    }

    func totals() async throws(StoreError) -> StoreTotals {
        try check()
        return try await inner.totals()
    }

    func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark> {
        try check()
        return try await inner.leastRecentlyUsed(kind, after: mark, limit: limit)
    }

    func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool {
        try check()
        return try await inner.isReferenced(body)
    }

    func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact? {
        try check()
        return try await inner.fact(for: artifact)
    }

    func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64? {
        try check()
        return try await inner.earliestPublication(in: document)
    }

    func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest? {
        try check()
        return try await inner.pin(for: artifact)
    }

    func pin(
        _ artifact: CacheKey, to digest: BlobDigest
    ) async throws(StoreError) -> BlobDigest {
        try check()
        return try await inner.pin(artifact, to: digest)
    }

    func record(_ uses: [CacheKey: Int64]) async throws(StoreError) {
        try check()
        try await inner.record(uses)
    }

    func record(_ event: StoredEvent) async throws(StoreError) {
        try check()
        try await inner.record(event)
    }

    func recent(limit: Int) async throws(StoreError) -> [StoredEvent] {
        try check()
        return try await inner.recent(limit: limit)
    }
}
