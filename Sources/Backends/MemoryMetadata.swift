package import Digests
package import Resources
internal import Synchronization

/// The metadata database in memory, for tests and for a server that keeps nothing.
package final class MemoryMetadata: MetadataStore, Inventory {
    let tables = Mutex(MemoryTables())
    let operations = Mutex(OperationTables())

    package init() {}

    package func response(for key: CacheKey) async throws(StoreError) -> StoredResponse? {
        tables.withLock { $0.responses[key] }
    }

    package func store(
        _ response: StoredResponse, facts: [FileFact]
    ) async throws(StoreError) {
        tables.withLock { $0.store(response, facts) }
    }

    @discardableResult
    package func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        tables.withLock { $0.freshen(response) }
    }

    package func remove(_ key: CacheKey) async throws(StoreError) {
        tables.withLock { $0.remove(key) }
    }

    package func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal {
        tables.withLock { tables in
            var gone: Set<CacheKey> = []
            for row in rows {
                let key = row.response.key
                guard let found = tables.responses[key], found.body == row.response.body,
                    found.storedAt == row.response.storedAt,
                    tables.uses[key] ?? found.storedAt == row.usedAt
                else { continue }
                tables.remove(key)
                gone.insert(key)
            }
            let kept = Set(tables.responses.values.map(\.body))
            return Removal(
                of: rows, gone: gone,
                unreferenced: Set(rows.map(\.response.body)).subtracting(kept))
        }
    }

    package func totals() async throws(StoreError) -> StoreTotals {
        tables.withLock { $0.totals }
    }

    package func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark> {
        tables.withLock { tables in
            let place = mark.map { ($0.usedAt, $0.number) } ?? (.min, .min)
            let marked = tables.rows.filter { $0.response.kind == kind }.map { row in
                (row, UseMark(usedAt: row.usedAt, number: tables.numbers[row.response.key] ?? 0))
            }
            let rest = marked.filter { ($0.1.usedAt, $0.1.number) > place }
                .sorted { ($0.1.usedAt, $0.1.number) < ($1.1.usedAt, $1.1.number) }
            return RowPage(rest, limit: limit)
        }
    }

    package func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool {
        tables.withLock { $0.responses.values.contains { $0.body == body } }
    }

    package func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact? {
        tables.withLock { $0.facts[artifact]?.fact }
    }

    package func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64? {
        tables.withLock { tables in
            tables.facts.values.filter { $0.document == document }
                .compactMap(\.fact.publishedAt).min()
        }
    }

    package func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest? {
        tables.withLock { $0.pins[artifact] }
    }

    package func pin(
        _ artifact: CacheKey, to digest: BlobDigest
    ) async throws(StoreError) -> BlobDigest {
        tables.withLock { tables in
            if let older = tables.pins[artifact] { return older }
            tables.pins[artifact] = digest
            return digest
        }
    }

    package func record(_ uses: [CacheKey: Int64]) async throws(StoreError) {
        tables.withLock { $0.use(uses) }
    }

    package func record(_ event: StoredEvent) async throws(StoreError) {
        tables.withLock { $0.record(event) }
    }

    package func recent(limit: Int) async throws(StoreError) -> [StoredEvent] {
        tables.withLock { Array($0.events.suffix(limit).reversed()) }
    }

    package func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse] {
        let held = tables.withLock { $0.responses.values.filter { $0.heldBack != nil } }
        return Array(held.sorted { $0.key.text < $1.key.text }.prefix(limit))
    }

    package func heldBackCount(limit: Int) async throws(StoreError) -> Int {
        tables.withLock { min(limit, $0.responses.values.count { $0.heldBack != nil }) }
    }

    package func purge(
        _ keys: [CacheKey], at now: Int64
    ) async throws(StoreError) -> [StoredResponse] {
        tables.withLock { tables in
            let gone = keys.compactMap { tables.purge($0) }
            operations.withLock { operations in
                for response in gone {
                    operations.acceptances[response.key] = nil
                    operations.note(
                        Change(kind: .purged, key: response.key, released: response.body), at: now)
                }
            }
            return gone
        }
    }

    package func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError) {
        tables.withLock { tables in
            for key in documents { tables.responses[key]?.lifetimeSeconds = 0 }
            operations.withLock { operations in
                for key in documents {
                    operations.note(Change(kind: .wanted, key: key), at: now)
                }
            }
        }
    }

    package func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse] {
        tables.withLock { tables in
            tables.responses.values.filter { $0.key.isRendering(of: body) }
        }
    }
}

extension MemoryMetadata: SharedResponses {
    package func replace(
        held: BlobDigest?, by document: StoredResponse, facts: [FileFact], at now: Int64
    ) async throws(StoreError) -> Bool {
        tables.withLock { tables in
            let stored = tables.responses[document.key]?.body
            if let stored, stored != held, stored != document.body { return false }
            tables.store(document, facts)
            if let stored, stored != document.body { noteChange(of: document.key, at: now) }
            return true
        }
    }

    package func restate(
        _ response: StoredResponse, at now: Int64
    ) async throws(StoreError) -> Bool {
        tables.withLock { tables in
            guard tables.freshen(response) else { return false }
            noteChange(of: response.key, at: now)
            return true
        }
    }

    package func prune(at now: Int64) async throws(StoreError) {
        operations.withLock { $0.prune(at: now) }
    }

    private func noteChange(of key: CacheKey, at now: Int64) {
        operations.withLock { $0.note(Change(kind: .changed, key: key), at: now) }
    }
}

/// Everything under the one lock.
struct MemoryTables {
    var responses: [CacheKey: StoredResponse] = [:]
    var uses: [CacheKey: Int64] = [:]
    /// In the order in which they came.
    private(set) var numbers: [CacheKey: Int64] = [:]
    private var lastNumber: Int64 = 0
    var facts: [CacheKey: (document: CacheKey, fact: FileFact)] = [:]
    /// The files that each document names.
    var named: [CacheKey: Set<CacheKey>] = [:]
    var pins: [CacheKey: BlobDigest] = [:]
    var events: [StoredEvent] = []
    var totals = StoreTotals(responseCount: 0, byteCount: 0)

    var rows: [StoredRow] {
        responses.values.map { StoredRow(response: $0, usedAt: uses[$0.key] ?? $0.storedAt) }
    }

    mutating func put(_ response: StoredResponse, usedAt: Int64) {
        remove(response.key, keepingUse: usedAt)
        responses[response.key] = response
        totals.responseCount += 1
        totals.byteCount += response.byteCount
        if numbers[response.key] == nil {
            lastNumber += 1
            numbers[response.key] = lastNumber
        }
    }

    mutating func put(_ fact: FileFact, of document: CacheKey, for artifact: CacheKey) {
        if let older = facts[artifact] { named[older.document]?.remove(artifact) }
        facts[artifact] = (document, fact)
        named[document, default: []].insert(artifact)
    }

    mutating func store(_ response: StoredResponse, _ facts: [FileFact]) {
        put(response, usedAt: response.storedAt)
        guard let prefix = response.key.partPrefix else { return }
        for document in named.keys
        where document == response.key || document.text.hasPrefix(prefix) {
            for artifact in named.removeValue(forKey: document) ?? [] {
                self.facts[artifact] = nil
            }
        }
        for fact in facts {
            guard let artifact = response.key.artifact(fact.artifact) else { continue }
            put(fact, of: response.key, for: artifact)
        }
    }

    mutating func freshen(_ response: StoredResponse) -> Bool {
        guard var stored = responses[response.key], stored.body == response.body else {
            return false
        }
        stored.headers = response.headers
        stored.entityTag = response.entityTag
        stored.validatedAt = response.validatedAt
        stored.lifetimeSeconds = response.lifetimeSeconds
        stored.withdrawnAt = response.withdrawnAt
        responses[response.key] = stored
        return true
    }

    /// Takes a response out, with the facts of the document if it is one.
    mutating func purge(_ key: CacheKey) -> StoredResponse? {
        guard let old = responses[key] else { return nil }
        remove(key)
        for artifact in named.removeValue(forKey: key) ?? [] { facts[artifact] = nil }
        return old
    }

    mutating func remove(_ key: CacheKey) {
        guard let old = responses.removeValue(forKey: key) else { return }
        uses[key] = nil
        totals.responseCount -= 1
        totals.byteCount -= old.byteCount
    }

    private mutating func remove(_ key: CacheKey, keepingUse use: Int64) {
        let latest = max(uses[key] ?? use, use)
        remove(key)
        uses[key] = latest
    }

    mutating func use(_ batch: [CacheKey: Int64]) {
        for (key, time) in batch {
            guard let known = uses[key] else { continue }
            uses[key] = max(known, time)
        }
    }

    mutating func record(_ event: StoredEvent) {
        events.append(event)
        if events.count > StoredEvent.keptCount { events.removeFirst() }
    }
}

extension StoredEvent {
    /// How many events a store keeps; older ones go.
    package static let keptCount = 10_000
}
