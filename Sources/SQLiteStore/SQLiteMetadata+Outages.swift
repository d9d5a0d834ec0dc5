package import Backends

extension SQLiteMetadata {
    private static let columns = "upstream, began_at, ended_at, served_count"

    package func beginOutage(of upstream: String, at now: Int64) async throws(StoreError) {
        try await write(.durable) { connection throws(SQLiteFailure) in
            // An open one of this upstream stands in the way (outages_open).
            try connection.run(
                """
                INSERT OR IGNORE INTO outages (upstream, began_at, served_count)
                VALUES (?1, ?2, 0)
                """,
                [.text(upstream), .integer(now)])
            try connection.run(
                """
                DELETE FROM outages
                WHERE id <= (SELECT max(id) FROM outages) - ?1 AND ended_at IS NOT NULL
                """,
                [.integer(Int64(Outage.keptCount))])
        }
    }

    package func countServed(
        _ count: Int, inOutageOf upstream: String
    ) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.run(
                """
                UPDATE outages SET served_count = served_count + ?2
                WHERE upstream = ?1 AND ended_at IS NULL
                """,
                [.text(upstream), .integer(Int64(count))])
        }
    }

    package func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage? {
        try await write(.durable) { connection throws(SQLiteFailure) in
            try connection.rows(
                """
                UPDATE outages SET ended_at = ?2, served_count = served_count + ?3
                WHERE upstream = ?1 AND ended_at IS NULL
                RETURNING \(Self.columns)
                """,
                [.text(upstream), .integer(now), .integer(Int64(servedCount))], Self.outage
            ).first
        }
    }

    package func openOutages() async throws(StoreError) -> [Outage] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT \(Self.columns) FROM outages WHERE ended_at IS NULL ORDER BY upstream",
                [], Self.outage)
        }
    }

    package func outages(limit: Int) async throws(StoreError) -> [Outage] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT \(Self.columns) FROM outages ORDER BY id DESC LIMIT ?1",
                [.integer(Int64(limit))], Self.outage)
        }
    }

    private static func outage(_ row: borrowing SQLiteRow) -> Outage {
        Outage(
            upstream: row.text(0) ?? "", beganAt: row.integer(1) ?? 0, endedAt: row.integer(2),
            servedCount: Int(row.integer(3) ?? 0))
    }
}
