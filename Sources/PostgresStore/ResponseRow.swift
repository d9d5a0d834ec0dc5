internal import Backends
internal import Digests
internal import HTTPModel
internal import Resources

/// A stored response as a row of `larder_responses`.
enum ResponseRow {
    static let columns = """
        key, kind, headers, body, byte_count, entity_tag, stored_at, validated_at, \
        lifetime_seconds, withdrawn_at
        """

    /// ``columns``, the last use, and the row's number.
    static let placedColumns = "\(columns), used_at, id"

    // An older use than the row already has does not count.
    private static let upsert = """
        INSERT INTO larder_responses (\(columns), held_back, used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (key) DO UPDATE SET
            kind = excluded.kind, headers = excluded.headers, body = excluded.body,
            byte_count = excluded.byte_count, entity_tag = excluded.entity_tag,
            stored_at = excluded.stored_at, validated_at = excluded.validated_at,
            lifetime_seconds = excluded.lifetime_seconds, withdrawn_at = excluded.withdrawn_at,
            held_back = excluded.held_back,
            used_at = greatest(larder_responses.used_at, excluded.used_at)
        """

    static func store(_ response: StoredResponse) -> PostgresStatement {
        PostgresStatement(upsert, values(response, usedAt: response.storedAt))
    }

    /// Stores a row of another database, unless the one here was validated later.
    static func takeOver(_ row: StoredRow) -> PostgresStatement {
        PostgresStatement(
            upsert + " WHERE larder_responses.validated_at <= excluded.validated_at",
            values(row.response, usedAt: row.usedAt))
    }

    private static func values(_ response: StoredResponse, usedAt: Int64) -> [PostgresValue] {
        [
            .text(response.key.text), .word(response.kind.rawValue),
            .bytes(HeaderBytes.encode(response.headers)), .bytes(response.body.bytes),
            .integer(Int64(response.byteCount)), .text(response.entityTag),
            .integer(response.storedAt), .integer(response.validatedAt),
            .integer(response.lifetimeSeconds), .integer(response.withdrawnAt),
            .text(response.heldBack), .integer(usedAt),
        ]
    }

    /// The response in a row of ``columns``; nil, so a miss, when the row makes no sense.
    static func response(_ row: PostgresRow) -> StoredResponse? {
        guard let key = row.text(0), let kind = row.text(1).flatMap(StoredResponse.Kind.init),
            let headers = row.bytes(2).flatMap(HeaderBytes.decode),
            let body = row.bytes(3).flatMap({ BlobDigest(bytes: $0) }),
            let byteCount = row.integer(4), byteCount >= 0,
            let storedAt = row.integer(6), let validatedAt = row.integer(7),
            let lifetimeSeconds = row.integer(8)
        else { return nil }
        return StoredResponse(
            key: CacheKey(stored: key), kind: kind, headers: headers, body: body,
            byteCount: Int(byteCount), entityTag: row.text(5), storedAt: storedAt,
            validatedAt: validatedAt, lifetimeSeconds: lifetimeSeconds,
            withdrawnAt: row.integer(9))
    }

    /// The response in a row of ``placedColumns`` with its last use.
    static func row(_ row: PostgresRow) -> StoredRow? {
        guard let response = response(row), let usedAt = row.integer(10) else { return nil }
        return StoredRow(response: response, usedAt: usedAt)
    }

    /// The place of a row of ``placedColumns`` in the order of last use.
    static func useMark(_ row: PostgresRow) -> UseMark {
        UseMark(usedAt: row.integer(10) ?? 0, number: row.integer(11) ?? 0)
    }
}
