package import Backends
package import Digests
internal import HTTPModel
package import Resources

extension SQLiteMetadata {
    package func response(for key: CacheKey) async throws(StoreError) -> StoredResponse? {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT \(ResponseRow.columns) FROM responses WHERE key = ?1", [.text(key.text)],
                ResponseRow.response
            ).first ?? nil
        }
    }

    package func store(
        _ response: StoredResponse, facts: [FileFact]
    ) async throws(StoreError) {
        let entry = CatalogueEntry(response.key, storedAt: response.storedAt, coordinates)
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.run(ResponseRow.upsert, ResponseRow.values(response))
            if let entry { try CatalogueRow.enter(entry, in: connection) }
            try FactRow.store(facts, of: response.key, in: connection)
        }
    }

    @discardableResult
    package func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.integer(
                """
                UPDATE responses SET headers = ?3, entity_tag = ?4, validated_at = ?5,
                    lifetime_seconds = ?6, withdrawn_at = ?7, held_back = ?8
                WHERE key = ?1 AND body = ?2
                RETURNING 1
                """,
                [
                    .text(response.key.text), .bytes(response.body.bytes),
                    .bytes(HeaderBytes.encode(response.headers)), SQLiteValue(response.entityTag),
                    .integer(response.validatedAt), .integer(response.lifetimeSeconds),
                    SQLiteValue(response.withdrawnAt), SQLiteValue(response.heldBack),
                ]) != nil
        }
    }

    package func remove(_ key: CacheKey) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.run("DELETE FROM responses WHERE key = ?1", [.text(key.text)])
        }
    }

    package func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal {
        try await write(.derived) { connection throws(SQLiteFailure) in
            var gone: Set<CacheKey> = []
            for row in rows {
                let isGone = try connection.integer(
                    """
                    DELETE FROM responses
                    WHERE key = ?1 AND body = ?2 AND stored_at = ?3 AND used_at = ?4 RETURNING 1
                    """,
                    [
                        .text(row.response.key.text), .bytes(row.response.body.bytes),
                        .integer(row.response.storedAt), .integer(row.usedAt),
                    ])
                if isGone != nil { gone.insert(row.response.key) }
            }
            var unreferenced: Set<BlobDigest> = []
            for row in rows where gone.contains(row.response.key) {
                let body = row.response.body
                guard try connection.integer(Self.reference, [.bytes(body.bytes)]) == nil else {
                    continue
                }
                unreferenced.insert(body)
            }
            return Removal(of: rows, gone: gone, unreferenced: unreferenced)
        }
    }

    package func totals() async throws(StoreError) -> StoreTotals {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows("SELECT response_count, byte_count FROM totals") { row in
                StoreTotals(
                    responseCount: Int(row.integer(0) ?? 0), byteCount: Int(row.integer(1) ?? 0))
            }.first ?? StoreTotals(responseCount: 0, byteCount: 0)
        }
    }

    package func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark> {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                Self.leastRecentlyUsed,
                [
                    .text(kind.rawValue), .integer(mark?.usedAt ?? .min),
                    .integer(mark?.number ?? .min), .integer(Int64(limit)),
                ]
            ) { (ResponseRow.row($0), ResponseRow.useMark($0)) }
            return RowPage(sensible: rows, limit: limit)
        }
    }

    /// Walks along `responses_by_kind_and_use`, and sorts nothing.
    static let leastRecentlyUsed = """
        SELECT \(ResponseRow.placedColumns) FROM responses
        WHERE kind = ?1 AND (used_at, id) > (?2, ?3) ORDER BY used_at, id LIMIT ?4
        """

    package func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool {
        try await read { connection throws(SQLiteFailure) in
            try connection.integer(Self.reference, [.bytes(body.bytes)]) != nil
        }
    }

    private static let reference = "SELECT 1 FROM responses WHERE body = ?1 LIMIT 1"

    /// The most uses in one transaction: what came in meanwhile waits for no more than these.
    static let usesPerTransaction = 1_000

    /// Writes the uses in several transactions; one that fails takes no other with it.
    package func record(_ uses: [CacheKey: Int64]) async throws(StoreError) {
        let all = Array(uses)
        var failure: StoreError?
        for start in stride(from: 0, to: all.count, by: Self.usesPerTransaction) {
            let batch = all[start..<min(start + Self.usesPerTransaction, all.count)]
            do throws(StoreError) {
                try await record(batch)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func record(
        _ uses: ArraySlice<(key: CacheKey, value: Int64)>
    ) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            for (key, time) in uses {
                try connection.run(
                    "UPDATE responses SET used_at = ?2 WHERE key = ?1 AND used_at < ?2",
                    [.text(key.text), .integer(time)])
            }
        }
    }
}
