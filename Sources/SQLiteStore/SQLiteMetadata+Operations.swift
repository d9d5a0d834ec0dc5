package import Backends
package import Digests
package import Resources

extension SQLiteMetadata {
    // MARK: Acceptances

    package func accept(_ document: CacheKey, until end: Int64) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            try connection.run(
                "INSERT OR REPLACE INTO acceptances (document, ends_at) VALUES (?1, ?2)",
                [.text(document.text), .integer(end)])
        }
    }

    package func isAccepted(
        _ document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        try await read { connection throws(SQLiteFailure) in
            try connection.integer(
                "SELECT 1 FROM acceptances WHERE document = ?1 AND ends_at > ?2",
                [.text(document.text), .integer(now)]) != nil
        }
    }

    package func takeAcceptance(
        of document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        try await write(.derived) { connection throws(SQLiteFailure) in
            let end = try connection.integer(
                "DELETE FROM acceptances WHERE document = ?1 RETURNING ends_at",
                [.text(document.text)])
            return end.map { $0 > now } ?? false
        }
    }

    package func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                """
                SELECT \(ResponseRow.columns) FROM responses WHERE held_back IS NOT NULL
                ORDER BY key LIMIT ?1
                """,
                [.integer(Int64(limit))], ResponseRow.response
            ).compactMap { $0 }
        }
    }

    package func heldBackCount(limit: Int) async throws(StoreError) -> Int {
        try await read { connection throws(SQLiteFailure) in
            Int(try connection.integer(Self.heldBackCount, [.integer(Int64(limit))]) ?? 0)
        }
    }

    /// Reads `responses_held_back`, which holds nothing else.
    static let heldBackCount = """
        SELECT count(*) FROM (SELECT 1 FROM responses WHERE held_back IS NOT NULL LIMIT ?1)
        """

    package func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse] {
        try await read { connection throws(SQLiteFailure) in
            // All keys of renderings lie between these two.
            try connection.rows(
                """
                SELECT \(ResponseRow.columns) FROM responses
                WHERE key > 'r ' AND key < 'r!' AND substr(key, -65) = ?1
                """,
                [.text(" \(body.hex)")], ResponseRow.response
            ).compactMap { $0 }
        }
    }

    package func purge(
        _ keys: [CacheKey], at now: Int64
    ) async throws(StoreError) -> [StoredResponse] {
        try await write(.durable) { connection throws(SQLiteFailure) in
            var gone: [StoredResponse] = []
            for key in keys {
                let rows = try connection.rows(
                    "DELETE FROM responses WHERE key = ?1 RETURNING \(ResponseRow.columns)",
                    [.text(key.text)], ResponseRow.response)
                guard let response = rows.first ?? nil else { continue }
                try FactRow.forget(of: key, in: connection)
                try connection.run(
                    "DELETE FROM acceptances WHERE document = ?1", [.text(key.text)])
                try Self.note(
                    Change(kind: .purged, key: key, released: response.body), at: now,
                    in: connection)
                gone.append(response)
            }
            return gone
        }
    }

    package func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            for key in documents {
                try connection.run(
                    "UPDATE responses SET lifetime_seconds = 0 WHERE key = ?1", [.text(key.text)])
                try Self.note(Change(kind: .wanted, key: key), at: now, in: connection)
            }
        }
    }

    // MARK: The log of changes

    package func note(_ change: Change, at now: Int64) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            try Self.note(change, at: now, in: connection)
        }
    }

    static func note(
        _ change: Change, at now: Int64, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        try connection.run(
            "INSERT INTO changes (kind, key, released, at) VALUES (?1, ?2, ?3, ?4)",
            [
                .text(change.kind.rawValue), .text(change.key.text),
                change.released.map { .bytes($0.bytes) } ?? .null, .integer(now),
            ])
        // The newest one stays, so that no number is given twice.
        try connection.run(
            "DELETE FROM changes WHERE at < ?1 AND id < (SELECT max(id) FROM changes)",
            [.integer(now - Change.keptSeconds)])
    }

    package func changes(after number: Int64) async throws(StoreError) -> ChangeLog {
        let log = try await log(after: number, where: "")
        let isComplete = log.first.map { $0 == number + 1 } ?? true
        return ChangeLog(changes: log.changes, last: log.last, isComplete: isComplete)
    }

    package func newestChange() async throws(StoreError) -> Int64 {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows("SELECT max(id) FROM changes") { $0.integer(0) ?? 0 }.first ?? 0
        }
    }

    package func orders(after number: Int64) async throws(StoreError) -> ChangeLog {
        let log = try await log(
            after: number, where: "AND kind <> '\(Change.Kind.changed.rawValue)'")
        return ChangeLog(changes: log.changes, last: log.last, isComplete: true)
    }

    private func log(
        after number: Int64, where condition: String
    ) async throws(StoreError) -> (changes: [Change], first: Int64?, last: Int64) {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                """
                SELECT id, kind, key, released FROM changes
                WHERE id > ?1 \(condition) ORDER BY id LIMIT ?2
                """,
                [.integer(number), .integer(Int64(Change.batchCount))]
            ) { row in
                (
                    number: row.integer(0) ?? 0,
                    change: row.text(1).flatMap(Change.Kind.init).map {
                        Change(
                            kind: $0, key: CacheKey(stored: row.text(2) ?? ""),
                            released: BlobDigest(bytes: row.bytes(3)))
                    }
                )
            }
            return (
                rows.compactMap(\.change), rows.first?.number, rows.last?.number ?? number
            )
        }
    }

    // MARK: Drills

    package func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            for upstream in upstreams {
                try connection.run(
                    "INSERT OR IGNORE INTO drills (upstream, began_at) VALUES (?1, ?2)",
                    [.text(upstream), .integer(now)])
            }
        }
    }

    package func endDrill(_ upstreams: [String]) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            for upstream in upstreams {
                try connection.run("DELETE FROM drills WHERE upstream = ?1", [.text(upstream)])
            }
        }
    }

    package func drills() async throws(StoreError) -> [Drill] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows("SELECT upstream, began_at FROM drills ORDER BY upstream") { row in
                Drill(upstream: row.text(0) ?? "", beganAt: row.integer(1) ?? 0)
            }
        }
    }
}
