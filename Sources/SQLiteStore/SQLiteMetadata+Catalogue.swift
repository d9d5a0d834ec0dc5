package import Backends
package import Resources

extension SQLiteMetadata: Catalogue {
    private static let columns = """
        ecosystem, location, name, file_count, byte_count, newest_at, (
            SELECT key FROM responses WHERE id = (
                SELECT max(response_id) FROM package_files WHERE package_id = packages.id)
        )
        """

    /// What begins with the text, by the index, then what has it inside, of the packages that came
    /// last: reads no further than it must, and never more than ?3 names one by one.
    static let holding = """
        SELECT \(columns) FROM (
            SELECT * FROM (
                SELECT * FROM (
                    SELECT id AS found, 1 AS place, folded AS hit
                    FROM packages INDEXED BY packages_by_name
                    WHERE folded >= ?1 AND folded < ?1 || char(0x10FFFF) LIMIT 1000)
                UNION ALL SELECT * FROM (
                    SELECT id, 2, folded FROM (
                        SELECT id, folded FROM packages NOT INDEXED ORDER BY id DESC LIMIT ?3)
                    WHERE instr(folded, ?1) > 1 LIMIT ?2)
            ) ORDER BY place, length(hit), hit LIMIT ?2
        ) JOIN packages ON packages.id = found ORDER BY place, length(hit), hit
        """

    static let newest = "SELECT \(columns) FROM packages ORDER BY newest_at DESC LIMIT ?1"
    static let largest = "SELECT \(columns) FROM packages ORDER BY byte_count DESC LIMIT ?1"

    package func packages(
        holding text: String, among count: Int, limit: Int
    ) async throws(StoreError) -> [StoredPackage] {
        try await packages(
            Self.holding,
            [
                .text(text), .integer(Int64(limit)), .integer(Int64(count)),
            ])
    }

    package func newestPackages(limit: Int) async throws(StoreError) -> [StoredPackage] {
        try await packages(Self.newest, [.integer(Int64(limit))])
    }

    package func largestPackages(limit: Int) async throws(StoreError) -> [StoredPackage] {
        try await packages(Self.largest, [.integer(Int64(limit))])
    }

    package func packageCount(limit: Int) async throws(StoreError) -> Int {
        try await read { connection throws(SQLiteFailure) in
            let count = try connection.integer(
                "SELECT count(*) FROM (SELECT 1 FROM packages LIMIT ?1)", [.integer(Int64(limit))])
            return Int(count ?? 0)
        }
    }

    package func files(
        ofPackage name: String, in ecosystem: String, limit: Int
    ) async throws(StoreError) -> [StoredRow] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                """
                SELECT \(ResponseRow.placedColumns) FROM responses WHERE id IN (
                    SELECT response_id FROM package_files WHERE package_id IN (
                        SELECT id FROM packages
                        WHERE folded = ?1 AND ecosystem = ?2 AND name = ?3)
                    ORDER BY response_id DESC LIMIT ?4)
                ORDER BY stored_at DESC, id DESC
                """,
                [
                    .text(PackageCoordinates.folded(name)), .text(ecosystem), .text(name),
                    .integer(Int64(limit)),
                ], ResponseRow.row
            ).compactMap { $0 }
        }
    }

    private func packages(
        _ sql: String, _ values: [SQLiteValue]
    ) async throws(StoreError) -> [StoredPackage] {
        let coordinates = coordinates
        return try await read { connection throws(SQLiteFailure) in
            try connection.rows(sql, values) { row in
                let newest = row.text(6).flatMap { CacheKey(stored: $0).artifactParts }
                return StoredPackage(
                    ecosystem: row.text(0) ?? "", location: row.text(1) ?? "",
                    name: row.text(2) ?? "", fileCount: Int(row.integer(3) ?? 0),
                    byteCount: Int(row.integer(4) ?? 0), newestAt: row.integer(5) ?? 0,
                    newestVersion: newest.flatMap { coordinates($0.ecosystem, $0.name)?.version })
            }
        }
    }

    // MARK: What was stored before

    /// How many rows of responses one transaction looks at: what comes in meanwhile waits for it.
    static let backlogBatch = 500

    package func enterBacklog() async throws(StoreError) -> Bool {
        let coordinates = coordinates
        return try await write(.derived) { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                """
                SELECT id, kind, key, stored_at FROM responses
                WHERE id > (SELECT next_id FROM package_backlog)
                    AND id <= (SELECT last_id FROM package_backlog)
                ORDER BY id LIMIT ?1
                """, [.integer(Int64(Self.backlogBatch))]
            ) { row in
                (
                    id: row.integer(0) ?? 0, isFile: row.text(1) == "artifact",
                    key: CacheKey(stored: row.text(2) ?? ""), storedAt: row.integer(3) ?? 0
                )
            }
            for row in rows where row.isFile {
                guard let entry = CatalogueEntry(row.key, storedAt: row.storedAt, coordinates)
                else { continue }
                try CatalogueRow.enter(entry, in: connection)
            }
            guard let last = rows.last else { return false }
            try connection.run("UPDATE package_backlog SET next_id = ?1", [.integer(last.id)])
            return true
        }
    }

    // MARK: What was served

    package func add(_ traffic: Traffic, toHour hour: Int64) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.run(
                """
                INSERT INTO traffic VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT (hour) DO UPDATE SET
                    requests = requests + excluded.requests, hits = hits + excluded.hits,
                    served_bytes = served_bytes + excluded.served_bytes,
                    upstream_requests = upstream_requests + excluded.upstream_requests,
                    upstream_bytes = upstream_bytes + excluded.upstream_bytes,
                    outage_requests = outage_requests + excluded.outage_requests
                """, [.integer(hour)] + traffic.columns.map(SQLiteValue.integer))
            try connection.run(
                "DELETE FROM traffic WHERE hour <= ?1", [.integer(hour - Traffic.keptHours)])
        }
    }

    package func traffic(sinceHour hour: Int64) async throws(StoreError) -> [HourlyTraffic] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                """
                SELECT hour, requests, hits, served_bytes, upstream_requests, upstream_bytes,
                    outage_requests FROM traffic WHERE hour >= ?1 ORDER BY hour LIMIT ?2
                """, [.integer(hour), .integer(Traffic.keptHours)]
            ) { row in
                HourlyTraffic(
                    hour: row.integer(0) ?? 0, traffic: Traffic { row.integer($0 + 1) })
            }
        }
    }
}
