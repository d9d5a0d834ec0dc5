package import Backends
package import Resources

extension PostgresMetadata: Catalogue {
    private static let columns = """
        ecosystem, location, name, file_count, byte_count, newest_at, (
            SELECT key FROM larder_responses WHERE id = (
                SELECT response_id FROM larder_package_files WHERE package_id = package.id
                ORDER BY response_id DESC LIMIT 1)
        )
        """

    package func packages(
        holding text: String, among count: Int, limit: Int
    ) async throws(StoreError) -> [StoredPackage] {
        // What begins with the text, by the index, then what has it inside, of the packages that
        // came last: reads no further than it must, and never more than $3 names one by one.
        // The newest file is looked for only of those that are shown.
        try await packages(
            """
            SELECT \(Self.columns) FROM (
                SELECT * FROM (
                    (SELECT *, 1 AS place FROM larder_packages
                        WHERE folded >= $1 AND folded < $1 || '\\xff'::bytea
                        ORDER BY folded LIMIT 1000)
                    UNION ALL
                    (SELECT *, 2 AS place FROM (
                        SELECT * FROM larder_packages ORDER BY id DESC LIMIT $3
                    ) AS latest WHERE position($1 in folded) > 1 LIMIT $2)
                ) AS found ORDER BY place, length(folded), folded LIMIT $2
            ) AS package ORDER BY place, length(folded), folded
            """,
            [
                .text(text), .integer(Int64(limit)), .integer(Int64(count)),
            ])
    }

    package func newestPackages(limit: Int) async throws(StoreError) -> [StoredPackage] {
        try await packages(
            """
            SELECT \(Self.columns) FROM larder_packages AS package
            ORDER BY newest_at DESC LIMIT $1
            """, [.integer(Int64(limit))])
    }

    package func largestPackages(limit: Int) async throws(StoreError) -> [StoredPackage] {
        try await packages(
            """
            SELECT \(Self.columns) FROM larder_packages AS package
            ORDER BY byte_count DESC LIMIT $1
            """, [.integer(Int64(limit))])
    }

    package func packageCount(limit: Int) async throws(StoreError) -> Int {
        let count = "SELECT count(*) FROM (SELECT FROM larder_packages LIMIT $1) AS known"
        return Int(try await read(count, [.integer(Int64(limit))]) { $0.integer(0) }.first ?? 0)
    }

    package func files(
        ofPackage name: String, in ecosystem: String, limit: Int
    ) async throws(StoreError) -> [StoredRow] {
        try await read(
            """
            SELECT \(ResponseRow.placedColumns) FROM larder_responses WHERE id = ANY (ARRAY(
                SELECT response_id FROM larder_package_files WHERE package_id = ANY (ARRAY(
                    SELECT id FROM larder_packages
                    WHERE folded = $1 AND ecosystem = $2 AND name = $3))
                ORDER BY response_id DESC LIMIT $4))
            ORDER BY stored_at DESC, id DESC
            """,
            [
                .text(PackageCoordinates.folded(name)), .text(ecosystem), .text(name),
                .integer(Int64(limit)),
            ], ResponseRow.row)
    }

    private func packages(
        _ sql: String, _ values: [PostgresValue]
    ) async throws(StoreError) -> [StoredPackage] {
        try await read(sql, values) { row in
            let newest = row.text(6).flatMap { CacheKey(stored: $0).artifactParts }
            return StoredPackage(
                ecosystem: row.text(0) ?? "", location: row.text(1) ?? "",
                name: row.text(2) ?? "", fileCount: Int(row.integer(3) ?? 0),
                byteCount: Int(row.integer(4) ?? 0), newestAt: row.integer(5) ?? 0,
                newestVersion: newest.flatMap {
                    settings.coordinates($0.ecosystem, $0.name)?.version
                })
        }
    }

    // MARK: What was stored before

    /// How many rows of responses one transaction looks at.
    private static let backlogBatch = 500

    // Several servers may do the same work at once; what one has entered the other leaves.
    package func enterBacklog() async throws(StoreError) -> Bool {
        let rows = try await read(
            """
            SELECT id, (kind = 'artifact')::int::bigint, key, stored_at FROM larder_responses
            WHERE id > (SELECT next_id FROM larder_package_backlog)
                AND id <= (SELECT last_id FROM larder_package_backlog)
            ORDER BY id LIMIT $1
            """, [.integer(Int64(Self.backlogBatch))]
        ) { row in
            (
                id: row.integer(0) ?? 0, isFile: row.integer(1) == 1,
                key: CacheKey(stored: row.text(2) ?? ""), storedAt: row.integer(3) ?? 0
            )
        }
        guard let last = rows.last else { return false }
        let entries = rows.filter(\.isFile).compactMap { row in
            CatalogueEntry(row.key, storedAt: row.storedAt, settings.coordinates)
        }
        let advance = PostgresStatement(
            "UPDATE larder_package_backlog SET next_id = greatest(next_id, $1)",
            [.integer(last.id)])
        let statements = CatalogueRow.enterLate(entries) + [advance]
        _ = try await transact(.derive, steps: statements.count, statements)
        return true
    }

    // MARK: What was served

    // Repeated after an answer that was lost it counts twice, which figures of an hour can bear.
    package func add(_ traffic: Traffic, toHour hour: Int64) async throws(StoreError) {
        let add = """
            INSERT INTO larder_traffic AS known VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (hour) DO UPDATE SET
                requests = known.requests + excluded.requests, hits = known.hits + excluded.hits,
                served_bytes = known.served_bytes + excluded.served_bytes,
                upstream_requests = known.upstream_requests + excluded.upstream_requests,
                upstream_bytes = known.upstream_bytes + excluded.upstream_bytes,
                outage_requests = known.outage_requests + excluded.outage_requests
            """
        let prune = "DELETE FROM larder_traffic WHERE hour <= $1"
        _ = try await transact(
            .derive,
            [
                PostgresStatement(
                    add, [.integer(hour)] + traffic.columns.map(PostgresValue.integer)),
                PostgresStatement(prune, [.integer(hour - Traffic.keptHours)]),
            ])
    }

    package func traffic(sinceHour hour: Int64) async throws(StoreError) -> [HourlyTraffic] {
        try await read(
            """
            SELECT hour, requests, hits, served_bytes, upstream_requests, upstream_bytes,
                outage_requests FROM larder_traffic WHERE hour >= $1 ORDER BY hour LIMIT $2
            """, [.integer(hour), .integer(Traffic.keptHours)]
        ) { row in
            HourlyTraffic(
                hour: row.integer(0) ?? 0, traffic: Traffic { row.integer($0 + 1) })
        }
    }
}
