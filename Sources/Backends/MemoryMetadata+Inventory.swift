package import Digests
package import Resources
internal import Synchronization

extension MemoryMetadata {
    package func rows(
        after key: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, CacheKey> {
        let all = tables.withLock(\.rows)
        return RowPage(Self.page(all, by: \.response.key, after: key), limit: limit)
    }

    package func rows(
        afterBody mark: BodyMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, BodyMark> {
        let marked = tables.withLock { tables in
            tables.rows.map { row in
                let number = tables.numbers[row.response.key] ?? 0
                return (row, BodyMark(body: row.response.body, number: number))
            }
        }
        let rest = marked.filter { row in
            mark.map { ($0.body, $0.number) < (row.1.body, row.1.number) } ?? true
        }.sorted { ($0.1.body, $0.1.number) < ($1.1.body, $1.1.number) }
        return RowPage(rest, limit: limit)
    }

    package func referenced(
        _ bodies: [BlobDigest]
    ) async throws(StoreError) -> Set<BlobDigest> {
        tables.withLock { Set(bodies).intersection($0.responses.values.map(\.body)) }
    }

    package func totals(ofKeys prefix: String) async throws(StoreError) -> StoreTotals {
        tables.withLock { tables in
            let found = tables.responses.values.filter { $0.key.text.hasPrefix(prefix) }
            return StoreTotals(
                responseCount: found.count,
                byteCount: found.reduce(0) { $0 + $1.byteCount })
        }
    }

    package func facts(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredFact, CacheKey> {
        let all = tables.withLock { tables in
            tables.facts.map {
                StoredFact(document: $0.value.document, artifact: $0.key, fact: $0.value.fact)
            }
        }
        return RowPage(Self.page(all, by: \.artifact, after: artifact), limit: limit)
    }

    package func pins(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredPin, CacheKey> {
        let all = tables.withLock { tables in
            tables.pins.map { StoredPin(artifact: $0.key, digest: $0.value) }
        }
        return RowPage(Self.page(all, by: \.artifact, after: artifact), limit: limit)
    }

    package func acceptances() async throws(StoreError) -> [StoredAcceptance] {
        operations.withLock { tables in
            tables.acceptances.map { StoredAcceptance(document: $0.key, endsAt: $0.value) }
                .sorted { Self.precedes($0.document, $1.document) }
        }
    }

    package func take(rows: [StoredRow]) async throws(StoreError) {
        tables.withLock { tables in
            for row in rows {
                let older = tables.responses[row.response.key]
                guard older.map({ $0.validatedAt <= row.response.validatedAt }) ?? true else {
                    continue
                }
                tables.put(row.response, usedAt: row.usedAt)
            }
        }
    }

    package func take(facts: [StoredFact]) async throws(StoreError) {
        tables.withLock { tables in
            for fact in facts { tables.put(fact.fact, of: fact.document, for: fact.artifact) }
        }
    }

    package func take(pins: [StoredPin]) async throws(StoreError) -> [StoredPin] {
        tables.withLock { tables in
            pins.compactMap { pin in
                let held = tables.pins[pin.artifact] ?? pin.digest
                tables.pins[pin.artifact] = held
                return held == pin.digest ? nil : StoredPin(artifact: pin.artifact, digest: held)
            }
        }
    }

    /// What comes after a key, in the order of the keys' bytes, each with its own key.
    private static func page<Row>(
        _ all: [Row], by key: (Row) -> CacheKey, after last: CacheKey?
    ) -> [(Row, CacheKey)] {
        all.map { ($0, key($0)) }
            .filter { row in last.map { precedes($0, row.1) } ?? true }
            .sorted { precedes($0.1, $1.1) }
    }

    private static func precedes(_ left: CacheKey, _ right: CacheKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension RowPage {
    /// The first `limit` of rows that are in their order, each with its own mark.
    package init(_ marked: [(Row, Mark)], limit: Int) {
        let page = marked.prefix(limit)
        self.init(rows: page.map(\.0), next: page.count == limit ? page.last?.1 : nil)
    }

    /// The same where a row may make no sense; it is left out, and its mark still counts.
    package init(sensible marked: [(Row?, Mark)], limit: Int) {
        self.init(
            rows: marked.compactMap(\.0), next: marked.count == limit ? marked.last?.1 : nil)
    }
}
