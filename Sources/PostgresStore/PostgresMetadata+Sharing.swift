package import Backends
package import Digests
package import Resources

extension PostgresMetadata: SharedResponses {
    package func replace(
        held: BlobDigest?, by document: StoredResponse, facts: [FileFact], at now: Int64
    ) async throws(StoreError) -> Bool {
        let key = document.key
        let expect = PostgresStatement(
            "SELECT larder_expect($1, $2, $3)",
            [.text(key.text), .bytes(held?.bytes), .bytes(document.body.bytes)])
        // The lock comes first, also where nothing is stored yet: who waited for it sees the other's.
        let statements =
            FactRow.lock(key, mustExist: true) + [expect] + FactRow.store(facts, of: key)
            + [Self.noteVersion(document, at: now), ResponseRow.store(document)]
        do throws(PostgresFailure) {
            _ = try await attempt(.derive, steps: statements.count, statements)
            return true
        } catch .state(.versionMoved) {
            return false
        } catch {
            throw StoreError(error)
        }
    }

    package func restate(
        _ response: StoredResponse, at now: Int64
    ) async throws(StoreError) -> Bool {
        let restate = """
            WITH restated AS (\(ResponseRow.freshening) RETURNING key),
            next AS (
                UPDATE larder_last_change SET number = number + 1
                WHERE EXISTS (SELECT FROM restated) RETURNING number),
            noted AS (
                INSERT INTO larder_changes (number, kind, key, at)
                SELECT number, $9::text, key, $10::bigint FROM next, restated)
            SELECT 1::bigint FROM restated
            """
        let values =
            ResponseRow.freshened(response)
            + [.word(Change.Kind.changed.rawValue), .integer(now)]
        let results = try await transact(.derive, [PostgresStatement(restate, values)])
        return results.first?.integer != nil
    }

    /// Notes that another version takes the place of the one that is stored, if one is.
    private static func noteVersion(_ document: StoredResponse, at now: Int64) -> PostgresStatement
    {
        PostgresStatement(
            """
            WITH next AS (
                UPDATE larder_last_change SET number = number + 1 WHERE EXISTS (
                    SELECT FROM larder_responses WHERE key = $1::bytea AND body <> $2)
                RETURNING number)
            INSERT INTO larder_changes (number, kind, key, at)
            SELECT number, $3::text, $1::bytea, $4::bigint FROM next
            """,
            [
                .text(document.key.text), .bytes(document.body.bytes),
                .word(Change.Kind.changed.rawValue), .integer(now),
            ])
    }

    /// In transactions of their own: nobody who stores a document waits for these.
    package func prune(at now: Int64) async throws(StoreError) {
        let changes = """
            DELETE FROM larder_changes WHERE number = ANY (ARRAY(
                SELECT number FROM larder_changes
                WHERE at < $1 AND number < (SELECT number FROM larder_last_change)
                ORDER BY at LIMIT \(Self.pruningLimit) FOR UPDATE SKIP LOCKED))
            """
        let leases = """
            DELETE FROM larder_leases WHERE key = ANY (ARRAY(
                SELECT key FROM larder_leases
                WHERE ends_at < clock_timestamp() - interval '1 minute'
                LIMIT \(Self.pruningLimit) FOR UPDATE SKIP LOCKED))
            """
        _ = try await transact(
            .derive, [PostgresStatement(changes, [.integer(now - Change.keptSeconds)])])
        _ = try await transact(.derive, [PostgresStatement(leases)])
    }

    /// What one transaction drops at most, so that it ends in time whatever has piled up.
    private static let pruningLimit = 10_000
}

/// Rows, and no locks of the database's: those of a session would stay with a proxy's connection,
/// and those of a transaction would hold one for as long as a fetch takes.
extension PostgresMetadata: FetchLeases {
    package func claim(
        _ key: CacheKey, by holder: String, for seconds: Int
    ) async throws(StoreError) -> Bool {
        // A key that no index takes is fetched by everybody.
        guard key.text.utf8.count <= PostgresSchema.keyByteLimit else { return true }
        let results = try await lease(
            """
            INSERT INTO larder_leases AS lease (key, holder, ends_at)
            VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')
            ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
            WHERE lease.holder = excluded.holder OR lease.ends_at <= clock_timestamp()
            RETURNING 1::bigint
            """, [.text(key.text), .text(holder), .integer(Int64(seconds))])
        return results.first?.integer != nil
    }

    package func renew(
        _ keys: [CacheKey], by holder: String, for seconds: Int
    ) async throws(StoreError) {
        _ = try await lease(
            """
            UPDATE larder_leases SET ends_at = clock_timestamp() + $3 * interval '1 second'
            WHERE key = ANY($1::bytea[]) AND holder = $2
            """, [.texts(keys.map(\.text)), .text(holder), .integer(Int64(seconds))])
    }

    package func release(_ key: CacheKey, by holder: String) async throws(StoreError) {
        let release = "DELETE FROM larder_leases WHERE key = $1 AND holder = $2"
        _ = try await lease(release, [.text(key.text), .text(holder)])
    }

    private func lease(
        _ sql: String, _ values: [PostgresValue]
    ) async throws(StoreError) -> [PostgresResult] {
        do throws(PostgresFailure) {
            return try await attempt(
                .derive, timeout: settings.leaseTimeout, [PostgresStatement(sql, values)])
        } catch {
            throw StoreError(error)
        }
    }
}
