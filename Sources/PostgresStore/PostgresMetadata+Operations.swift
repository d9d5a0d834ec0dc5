package import Backends
package import Digests
package import Resources

extension PostgresMetadata {
    // MARK: Acceptances

    package func accept(_ document: CacheKey, until end: Int64) async throws(StoreError) {
        try await write(
            """
            INSERT INTO larder_acceptances (document, ends_at) VALUES ($1, $2)
            ON CONFLICT (document) DO UPDATE SET ends_at = excluded.ends_at
            """,
            [.text(document.text), .integer(end)])
    }

    package func isAccepted(
        _ document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        try await read(
            "SELECT ends_at FROM larder_acceptances WHERE document = $1 AND ends_at > $2",
            [.text(document.text), .integer(now)]
        ) { $0.integer(0) }.first != nil
    }

    /// When the answer is lost, the second try finds none: the operator is asked once more.
    package func takeAcceptance(
        of document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        let take = "DELETE FROM larder_acceptances WHERE document = $1 RETURNING ends_at"
        let results = try await transact(
            .derive, [PostgresStatement(take, [.text(document.text)])])
        return results.first?.integer.map { $0 > now } ?? false
    }

    package func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse] {
        try await read(
            """
            SELECT \(ResponseRow.columns) FROM larder_responses WHERE held_back IS NOT NULL
            ORDER BY key LIMIT $1
            """,
            [.integer(Int64(limit))], ResponseRow.response)
    }

    package func heldBackCount(limit: Int) async throws(StoreError) -> Int {
        let count = """
            SELECT count(*) FROM (
                SELECT FROM larder_responses WHERE held_back IS NOT NULL LIMIT $1) AS held
            """
        return try await read(count, [.integer(Int64(limit))]) { $0.integer(0) }
            .first.map { Int($0) } ?? 0
    }

    /// Costs no scan here: there is an index of how the keys end.
    package func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse] {
        try await read(
            """
            SELECT \(ResponseRow.columns) FROM larder_responses
            WHERE key > 'r '::bytea AND key < 'r!'::bytea
                AND substr(key, greatest(1, length(key) - 64)) = $1
            """,
            [.text(" \(body.hex)")], ResponseRow.response)
    }

    /// When the answer is lost, the second try finds nothing: what it returns is then too little.
    package func purge(
        _ keys: [CacheKey], at now: Int64
    ) async throws(StoreError) -> [StoredResponse] {
        let forget = """
            DELETE FROM larder_facts
            WHERE document_id = (SELECT id FROM larder_documents WHERE key = $1)
                AND EXISTS (SELECT FROM larder_responses WHERE key = $1)
            """
        let remove = """
            WITH gone AS (DELETE FROM larder_responses WHERE key = $1 RETURNING *),
            refused AS (DELETE FROM larder_acceptances WHERE document IN (SELECT key FROM gone)),
            next AS (
                UPDATE larder_last_change SET number = number + 1
                WHERE EXISTS (SELECT FROM gone) RETURNING number),
            noted AS (
                INSERT INTO larder_changes (number, kind, key, released, at)
                SELECT number, $2::text, key, body, $3::bigint FROM next, gone)
            SELECT \(ResponseRow.columns) FROM gone
            """
        var statements: [PostgresStatement] = []
        // Which of the results have rows that went.
        var removals: [Int] = []
        for key in keys {
            // First the document, as whoever stores it does, so that neither waits for the other.
            statements += FactRow.lock(key, mustExist: false)
            statements.append(PostgresStatement(forget, [.text(key.text)]))
            removals.append(statements.count)
            statements.append(
                PostgresStatement(
                    remove, [.text(key.text), .word(Change.Kind.purged.rawValue), .integer(now)]))
        }
        statements.append(Self.prune(at: now))
        let results = try await transact(.write, steps: statements.count, statements)
        return removals.flatMap { results[$0].rows(ResponseRow.response).compactMap { $0 } }
    }

    package func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError) {
        let update = "UPDATE larder_responses SET lifetime_seconds = 0 WHERE key = $1"
        var statements: [PostgresStatement] = []
        for key in documents {
            statements.append(PostgresStatement(update, [.text(key.text)]))
            statements.append(Self.add(Change(kind: .wanted, key: key), at: now))
        }
        statements.append(Self.prune(at: now))
        _ = try await transact(.write, steps: statements.count, statements)
    }

    // MARK: The log of changes

    package func note(_ change: Change, at now: Int64) async throws(StoreError) {
        _ = try await transact(.write, [Self.add(change, at: now), Self.prune(at: now)])
    }

    /// Whoever takes a number keeps the others waiting until it can be seen.
    static func add(_ change: Change, at now: Int64) -> PostgresStatement {
        PostgresStatement(
            """
            WITH next AS (UPDATE larder_last_change SET number = number + 1 RETURNING number)
            INSERT INTO larder_changes (number, kind, key, released, at)
            SELECT number, $1::text, $2::bytea, $3::bytea, $4::bigint FROM next
            """,
            [
                .word(change.kind.rawValue), .text(change.key.text),
                .bytes(change.released?.bytes), .integer(now),
            ])
    }

    /// The newest one stays, so that a reader sees where the log ends.
    private static func prune(at now: Int64) -> PostgresStatement {
        PostgresStatement(
            """
            DELETE FROM larder_changes
            WHERE at < $1 AND number < (SELECT number FROM larder_last_change)
            """, [.integer(now - Change.keptSeconds)])
    }

    package func changes(after number: Int64) async throws(StoreError) -> ChangeLog {
        let log = try await log(after: number, where: "")
        let isComplete = log.first.map { $0 == number + 1 } ?? true
        return ChangeLog(changes: log.changes, last: log.last, isComplete: isComplete)
    }

    package func newestChange() async throws(StoreError) -> Int64 {
        try await read("SELECT number FROM larder_last_change") { $0.integer(0) }.first ?? 0
    }

    package func orders(after number: Int64) async throws(StoreError) -> ChangeLog {
        let log = try await log(after: number, where: "AND kind <> 'changed'")
        return ChangeLog(changes: log.changes, last: log.last, isComplete: true)
    }

    private func log(
        after number: Int64, where condition: String
    ) async throws(StoreError) -> (changes: [Change], first: Int64?, last: Int64) {
        let rows = try await read(
            """
            SELECT number, kind, key, released FROM larder_changes
            WHERE number > $1 \(condition) ORDER BY number LIMIT $2
            """,
            [.integer(number), .integer(Int64(Change.batchCount))]
        ) { row in (row.integer(0) ?? 0, Self.change(row)) }
        return (rows.compactMap(\.1), rows.first?.0, rows.last?.0 ?? number)
    }

    private static func change(_ row: PostgresRow) -> Change? {
        guard let kind = row.text(1).flatMap(Change.Kind.init), let key = row.text(2) else {
            return nil
        }
        return Change(
            kind: kind, key: CacheKey(stored: key),
            released: row.bytes(3).flatMap { BlobDigest(bytes: $0) })
    }

    // MARK: Drills

    package func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError) {
        try await write(
            """
            INSERT INTO larder_drills (upstream, began_at)
            SELECT DISTINCT upstream, $2::bigint FROM unnest($1::bytea[]) AS upstream
            ORDER BY upstream
            ON CONFLICT (upstream) DO NOTHING
            """,
            [.texts(upstreams), .integer(now)])
    }

    package func endDrill(_ upstreams: [String]) async throws(StoreError) {
        try await write(
            "DELETE FROM larder_drills WHERE upstream = ANY($1::bytea[])", [.texts(upstreams)])
    }

    package func drills() async throws(StoreError) -> [Drill] {
        try await read("SELECT upstream, began_at FROM larder_drills ORDER BY upstream") { row in
            Drill(upstream: row.text(0) ?? "", beganAt: row.integer(1) ?? 0)
        }
    }
}
