package import Backends

extension PostgresMetadata {
    private static let columns = "upstream, began_at, ended_at, served_count"

    package func beginOutage(of upstream: String, at now: Int64) async throws(StoreError) {
        let open = """
            INSERT INTO larder_outages (upstream, began_at, served_count) VALUES ($1, $2, 0)
            ON CONFLICT (upstream) WHERE ended_at IS NULL DO NOTHING
            """
        let prune = """
            DELETE FROM larder_outages WHERE ended_at IS NOT NULL AND id <= (
                SELECT id FROM larder_outages ORDER BY id DESC OFFSET $1 LIMIT 1)
            """
        _ = try await transact(
            .write,
            [
                PostgresStatement(open, [.text(upstream), .integer(now)]),
                PostgresStatement(prune, [.integer(Int64(Outage.keptCount))]),
            ])
    }

    package func countServed(
        _ count: Int, inOutageOf upstream: String
    ) async throws(StoreError) {
        try await derive(
            """
            UPDATE larder_outages SET served_count = served_count + $2
            WHERE upstream = $1 AND ended_at IS NULL
            """, [.text(upstream), .integer(Int64(count))])
    }

    package func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage? {
        let end = """
            UPDATE larder_outages SET ended_at = $2, served_count = served_count + $3
            WHERE upstream = $1 AND ended_at IS NULL
            RETURNING \(Self.columns)
            """
        let results = try await transact(
            .write,
            [
                PostgresStatement(
                    end, [.text(upstream), .integer(now), .integer(Int64(servedCount))])
            ])
        return results.first?.rows(Self.outage).first
    }

    package func openOutages() async throws(StoreError) -> [Outage] {
        try await read(
            "SELECT \(Self.columns) FROM larder_outages WHERE ended_at IS NULL ORDER BY upstream",
            [], Self.outage)
    }

    package func outages(limit: Int) async throws(StoreError) -> [Outage] {
        try await read(
            "SELECT \(Self.columns) FROM larder_outages ORDER BY id DESC LIMIT $1",
            [.integer(Int64(limit))], Self.outage)
    }

    private static func outage(_ row: PostgresRow) -> Outage {
        Outage(
            upstream: row.text(0) ?? "", beganAt: row.integer(1) ?? 0, endedAt: row.integer(2),
            servedCount: Int(row.integer(3) ?? 0))
    }
}
