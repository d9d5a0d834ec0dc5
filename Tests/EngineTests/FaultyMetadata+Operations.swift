import Backends
import Digests
import Resources
import Synchronization

extension FaultyMetadata {
    func accept(_ document: CacheKey, until end: Int64) async throws(StoreError) {
        try check()
        try await inner.accept(document, until: end)
    }

    func isAccepted(_ document: CacheKey, at now: Int64) async throws(StoreError) -> Bool {
        try check()
        return try await inner.isAccepted(document, at: now)
    }

    func takeAcceptance(
        of document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        try check()
        return try await inner.takeAcceptance(of: document, at: now)
    }

    func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse] {
        try check()
        return try await inner.heldBack(limit: limit)
    }

    func heldBackCount(limit: Int) async throws(StoreError) -> Int {
        try check()
        return try await inner.heldBackCount(limit: limit)
    }

    func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse] {
        try check()
        return try await inner.renderings(of: body)
    }

    func purge(
        _ keys: [CacheKey], at now: Int64
    ) async throws(StoreError) -> [StoredResponse] {
        try check()
        return try await inner.purge(keys, at: now)
    }

    func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError) {
        try check()
        try await inner.want(documents, at: now)
    }

    func note(_ change: Change, at now: Int64) async throws(StoreError) {
        try check()
        try await inner.note(change, at: now)
    }

    func changes(after number: Int64) async throws(StoreError) -> ChangeLog {
        try check()
        return try await inner.changes(after: number)
    }

    func newestChange() async throws(StoreError) -> Int64 {
        try check()
        if isLogBroken.withLock({ $0 }) { throw .database(code: 11) }
        return try await inner.newestChange()
    }

    func orders(after number: Int64) async throws(StoreError) -> ChangeLog {
        try check()
        return try await inner.orders(after: number)
    }

    func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError) {
        try check()
        try await inner.beginDrill(upstreams, at: now)
    }

    func endDrill(_ upstreams: [String]) async throws(StoreError) {
        try check()
        try await inner.endDrill(upstreams)
    }

    func drills() async throws(StoreError) -> [Drill] {
        try check()
        return try await inner.drills()
    }

    func beginOutage(of upstream: String, at now: Int64) async throws(StoreError) {
        try check()
        try await inner.beginOutage(of: upstream, at: now)
    }

    func countServed(
        _ count: Int, inOutageOf upstream: String
    ) async throws(StoreError) {
        try check()
        try await inner.countServed(count, inOutageOf: upstream)
    }

    func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage? {
        try check()
        return try await inner.endOutage(of: upstream, at: now, servedCount: servedCount)
    }

    func openOutages() async throws(StoreError) -> [Outage] {
        try check()
        return try await inner.openOutages()
    }

    func outages(limit: Int) async throws(StoreError) -> [Outage] {
        try check()
        return try await inner.outages(limit: limit)
    }
}

extension FaultyMetadata {
    func malwareList(after revision: Int64) async throws(StoreError) -> StoredMalwareList? {
        try check()
        return try await inner.malwareList(after: revision)
    }

    func storeMalwareList(
        _ bytes: [UInt8], after revision: Int64, at now: Int64
    ) async throws(StoreError) -> Int64? {
        try check()
        return try await inner.storeMalwareList(bytes, after: revision, at: now)
    }
}
