package import Backends
package import Digests
internal import HTTPModel
package import Resources

extension PostgresMetadata {
    package func response(for key: CacheKey) async throws(StoreError) -> StoredResponse? {
        try await read(
            "SELECT \(ResponseRow.columns) FROM larder_responses WHERE key = $1",
            [.text(key.text)], ResponseRow.response
        ).first
    }

    package func store(
        _ response: StoredResponse, facts: [FileFact]
    ) async throws(StoreError) {
        // The response late: the totals that it changes are shared with other responses, whose
        // writers wait until this transaction ends; only its entry in the catalogue needs it stored.
        let entry = CatalogueEntry(
            response.key, storedAt: response.storedAt, settings.coordinates)
        let (first, last) = CatalogueRow.enter(entry.map { [$0] } ?? [])
        let statements =
            FactRow.store(facts, of: response.key) + first + [ResponseRow.store(response)] + last
        _ = try await transact(.derive, steps: statements.count, statements)
    }

    package func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        let update = "\(ResponseRow.freshening) RETURNING 1::bigint"
        let values = ResponseRow.freshened(response)
        let results = try await transact(.derive, [PostgresStatement(update, values)])
        return results.first?.integer != nil
    }

    package func remove(_ key: CacheKey) async throws(StoreError) {
        try await derive("DELETE FROM larder_responses WHERE key = $1", [.text(key.text)])
    }

    // A row that another transaction has locked is being used, stored or removed: it is not waited
    // for, and stays. The packages are locked in one order before the first file goes, so that two
    // servers that evict do not wait for each other.
    private static let removal = """
        WITH old AS (
            SELECT response.id FROM larder_responses AS response
            JOIN unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[])
                AS read (key, body, stored_at, used_at) USING (key, body, stored_at, used_at)
            ORDER BY response.id FOR UPDATE OF response SKIP LOCKED
        ), packages AS MATERIALIZED (
            SELECT id FROM larder_packages WHERE id IN (
                SELECT package_id FROM larder_package_files JOIN old ON response_id = old.id)
            ORDER BY folded, ecosystem, location, name FOR UPDATE
        )
        DELETE FROM larder_responses AS response USING old
        WHERE response.id = old.id AND (SELECT count(*) FROM packages) >= 0
        RETURNING response.key
        """

    private static let unreferenced = """
        SELECT body FROM unnest($1::bytea[]) AS wanted (body)
        WHERE NOT EXISTS (SELECT FROM larder_responses AS known WHERE known.body = wanted.body)
        """

    package func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal {
        let bodies = PostgresValue.byteStrings(rows.map(\.response.body.bytes))
        let read: [PostgresValue] = [
            .texts(rows.map(\.response.key.text)), bodies,
            .integers(rows.map(\.response.storedAt)), .integers(rows.map(\.usedAt)),
        ]
        let results = try await transact(
            .derive,
            [
                PostgresStatement(Self.removal, read),
                PostgresStatement(Self.unreferenced, [bodies]),
            ])
        guard results.count == 2 else { return Removal(of: rows, gone: [], unreferenced: []) }
        let gone = results[0].rows { $0.text(0).map { CacheKey(stored: $0) } }.compactMap { $0 }
        let unreferenced = results[1].rows { $0.bytes(0).flatMap { BlobDigest(bytes: $0) } }
            .compactMap { $0 }
        return Removal(of: rows, gone: Set(gone), unreferenced: Set(unreferenced))
    }

    package func totals() async throws(StoreError) -> StoreTotals {
        let sums = """
            SELECT sum(response_count)::bigint, sum(byte_count)::bigint FROM larder_totals
            """
        return try await read(sums) { row in
            StoreTotals(
                responseCount: Int(row.integer(0) ?? 0), byteCount: Int(row.integer(1) ?? 0))
        }.first ?? StoreTotals(responseCount: 0, byteCount: 0)
    }

    package func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark> {
        let rows = try await read(
            Self.leastRecentlyUsed,
            [
                .word(kind.rawValue), .integer(mark?.usedAt ?? .min),
                .integer(mark?.number ?? .min), .integer(Int64(limit)),
            ]
        ) { (ResponseRow.row($0), ResponseRow.useMark($0)) }
        return RowPage(sensible: rows, limit: limit)
    }

    /// Walks along `larder_responses_by_kind_and_use`, and sorts nothing.
    static let leastRecentlyUsed = """
        SELECT \(ResponseRow.placedColumns) FROM larder_responses
        WHERE kind = $1 AND (used_at, id) > ($2, $3) ORDER BY used_at, id LIMIT $4
        """

    package func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool {
        let find = "SELECT EXISTS (SELECT FROM larder_responses WHERE body = $1)::int::bigint"
        return try await read(find, [.bytes(body.bytes)]) { $0.integer(0) }.first == 1
    }

    /// The most uses in one transaction, which other servers' uses of the same responses wait for.
    private static let usesPerTransaction = 1_000

    // In one order, so that two servers do not wait for each other.
    private static let use = """
        WITH used AS (
            SELECT response.id, new.at FROM larder_responses AS response
            JOIN unnest($1::bytea[], $2::bigint[]) AS new (key, at) USING (key)
            WHERE response.used_at < new.at ORDER BY response.id FOR NO KEY UPDATE OF response
        )
        UPDATE larder_responses AS response SET used_at = used.at FROM used
        WHERE response.id = used.id AND response.used_at < used.at
        """

    /// Writes the uses in several transactions; one that fails takes no other with it.
    package func record(_ uses: [CacheKey: Int64]) async throws(StoreError) {
        let all = Array(uses)
        var failure: StoreError?
        for start in stride(from: 0, to: all.count, by: Self.usesPerTransaction) {
            let batch = all[start..<min(start + Self.usesPerTransaction, all.count)]
            do throws(StoreError) {
                try await derive(
                    Self.use, [.texts(batch.map(\.key.text)), .integers(batch.map(\.value))])
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    // MARK: One statement

    func read<Element>(
        _ sql: String, _ values: [PostgresValue] = [], _ decode: (PostgresRow) -> Element?
    ) async throws(StoreError) -> [Element] {
        let results = try await transact(.read, [PostgresStatement(sql, values)])
        return results.first?.rows(decode).compactMap { $0 } ?? []
    }

    func derive(_ sql: String, _ values: [PostgresValue]) async throws(StoreError) {
        _ = try await transact(.derive, [PostgresStatement(sql, values)])
    }

    func write(_ sql: String, _ values: [PostgresValue]) async throws(StoreError) {
        _ = try await transact(.write, [PostgresStatement(sql, values)])
    }
}
