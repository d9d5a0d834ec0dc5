package import Backends
internal import Digests

extension PostgresMetadata {
    private static let columns =
        "id, name, digest, scopes, is_admin, created_at, expires_at, used_at"

    /// A change is noted also where nothing is added: it costs servers one look.
    package func add(
        _ token: ClientToken, at now: Int64
    ) async throws(StoreError) -> TokenAddition {
        let insert = """
            INSERT INTO larder_client_tokens (\(Self.columns))
            SELECT $1::bytea, $2::bytea, $3::bytea, $4::bytea, $5::bigint, $6::bigint, $7::bigint,
                $8::bigint
            WHERE (SELECT count(*) FROM larder_client_tokens) < $9
            ON CONFLICT DO NOTHING
            """
        let results = try await transact(
            .write,
            [
                PostgresStatement(
                    insert,
                    [
                        .text(token.id), .text(token.name), .bytes(token.digest.bytes),
                        .text(token.scopes), .integer(token.isAdmin ? 1 : 0),
                        .integer(token.createdAt), .integer(token.expiresAt),
                        .integer(token.usedAt), .integer(Int64(ClientToken.countLimit)),
                    ]),
                PostgresStatement(
                    "SELECT id FROM larder_client_tokens WHERE name = $1", [.text(token.name)]),
                Self.add(Change(kind: .tokens, key: Change.tokensKey), at: now),
            ])
        guard results.count > 1, let held = results[1].rows({ $0.text(0) }).first else {
            return .full
        }
        return held == token.id ? .added : .nameTaken
    }

    /// When the answer is lost, the second try finds none.
    package func revokeToken(
        named name: String, at now: Int64
    ) async throws(StoreError) -> Bool {
        let results = try await transact(
            .write,
            [
                PostgresStatement(
                    "DELETE FROM larder_client_tokens WHERE name = $1 RETURNING 1::bigint",
                    [.text(name)]),
                Self.add(Change(kind: .tokens, key: Change.tokensKey), at: now),
            ])
        return results.first?.integer != nil
    }

    package func clientTokens() async throws(StoreError) -> [ClientToken] {
        try await read(
            "SELECT \(Self.columns) FROM larder_client_tokens ORDER BY name LIMIT $1",
            [.integer(Int64(ClientToken.countLimit))], Self.token
        ).compactMap { $0 }
    }

    package func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
        let uses = uses.sorted { $0.key < $1.key }
        try await derive(
            """
            UPDATE larder_client_tokens AS token SET used_at = greatest(token.used_at, new.used_at)
            FROM unnest($1::bytea[], $2::bigint[]) AS new (id, used_at) WHERE token.id = new.id
            """,
            [.texts(uses.map(\.key)), .integers(uses.map(\.value))])
    }

    /// Nil for a row that another program wrote.
    private static func token(_ row: PostgresRow) -> ClientToken? {
        guard let id = row.text(0), let name = row.text(1),
            let digest = row.bytes(2).flatMap({ BlobDigest(bytes: $0) }), let scopes = row.text(3)
        else { return nil }
        return ClientToken(
            id: id, name: name, digest: digest, scopes: scopes, isAdmin: row.integer(4) == 1,
            createdAt: row.integer(5) ?? 0, expiresAt: row.integer(6), usedAt: row.integer(7))
    }
}
