import Backends
import Digests
import Resources
import Synchronization

extension ModelMetadata {
    func accept(_ document: CacheKey, until end: Int64) async throws(StoreError) {
        try await write()
        try await inner.accept(document, until: end)
    }

    func isAccepted(_ document: CacheKey, at now: Int64) async throws(StoreError) -> Bool {
        try await read()
        return try await inner.isAccepted(document, at: now)
    }

    func takeAcceptance(
        of document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        try await write()
        return try await inner.takeAcceptance(of: document, at: now)
    }

    func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse] {
        try await read()
        return try await inner.heldBack(limit: limit)
    }

    func heldBackCount(limit: Int) async throws(StoreError) -> Int {
        try await read()
        return try await inner.heldBackCount(limit: limit)
    }

    func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse] {
        try await read()
        return try await inner.renderings(of: body)
    }

    func note(_ change: Change, at now: Int64) async throws(StoreError) {
        try await write()
        try await inner.note(change, at: now)
    }

    func changes(after number: Int64) async throws(StoreError) -> ChangeLog {
        try await read()
        return try await inner.changes(after: number)
    }

    func newestChange() async throws(StoreError) -> Int64 {
        try await read()
        return try await inner.newestChange()
    }

    func orders(after number: Int64) async throws(StoreError) -> ChangeLog {
        try await read()
        return try await inner.orders(after: number)
    }

    func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError) {
        try await write()
        try await inner.beginDrill(upstreams, at: now)
    }

    func purge(
        _ keys: [CacheKey], at now: Int64
    ) async throws(StoreError) -> [StoredResponse] {
        try await write()
        for key in keys { scene.promises.withLock { $0.removed(key.text) } }
        return try await inner.purge(keys, at: now)
    }

    func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError) {
        try await write()
        try await inner.want(documents, at: now)
    }

    func endDrill(_ upstreams: [String]) async throws(StoreError) {
        try await write()
        try await inner.endDrill(upstreams)
    }

    func drills() async throws(StoreError) -> [Drill] {
        try await read()
        return try await inner.drills()
    }

    func countServed(_ count: Int, inOutageOf upstream: String) async throws(StoreError) {
        try await write()
        try await inner.countServed(count, inOutageOf: upstream)
    }

    func beginOutage(of upstream: String, at now: Int64) async throws(StoreError) {
        try await write()
        try await inner.beginOutage(of: upstream, at: now)
    }

    func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage? {
        try await write()
        return try await inner.endOutage(of: upstream, at: now, servedCount: servedCount)
    }

    /// Those that a new life takes over: they are known, and yet no breaker is open.
    func openOutages() async throws(StoreError) -> [Outage] {
        try await read()
        let open = try await inner.openOutages()
        scene.promises.withLock { $0.takesOver(open.map(\.upstream)) }
        return open
    }

    func outages(limit: Int) async throws(StoreError) -> [Outage] {
        try await read()
        return try await inner.outages(limit: limit)
    }
}

extension ModelMetadata {
    func malwareList(after revision: Int64) async throws(StoreError) -> StoredMalwareList? {
        try await read()
        return try await inner.malwareList(after: revision)
    }

    func storeMalwareList(
        _ bytes: [UInt8], after revision: Int64, at now: Int64
    ) async throws(StoreError) -> Int64? {
        try await write()
        return try await inner.storeMalwareList(bytes, after: revision, at: now)
    }
}
