package import Backends
internal import Digests
internal import Resources

extension SQLiteMetadata {
    private static let columns =
        "id, name, digest, scopes, is_admin, created_at, expires_at, used_at"

    package func add(
        _ token: ClientToken, at now: Int64
    ) async throws(StoreError) -> TokenAddition {
        try await write(.durable) { connection throws(SQLiteFailure) in
            let held = try connection.rows(
                "SELECT id FROM client_tokens WHERE name = ?1", [.text(token.name)]
            ) { $0.text(0) }.first
            if let held { return held == token.id ? .added : .nameTaken }
            let count = try connection.integer("SELECT count(*) FROM client_tokens") ?? 0
            guard count < ClientToken.countLimit else { return .full }
            try connection.run(
                """
                INSERT INTO client_tokens (\(Self.columns))
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                """,
                [
                    .text(token.id), .text(token.name), .bytes(token.digest.bytes),
                    .text(token.scopes), .integer(token.isAdmin ? 1 : 0),
                    .integer(token.createdAt), SQLiteValue(token.expiresAt),
                    SQLiteValue(token.usedAt),
                ])
            try Self.note(Change(kind: .tokens, key: Change.tokensKey), at: now, in: connection)
            return .added
        }
    }

    package func revokeToken(
        named name: String, at now: Int64
    ) async throws(StoreError) -> Bool {
        try await write(.durable) { connection throws(SQLiteFailure) in
            let gone = try connection.rows(
                "DELETE FROM client_tokens WHERE name = ?1 RETURNING id", [.text(name)]
            ) { $0.text(0) }
            guard !gone.isEmpty else { return false }
            try Self.note(Change(kind: .tokens, key: Change.tokensKey), at: now, in: connection)
            return true
        }
    }

    package func clientTokens() async throws(StoreError) -> [ClientToken] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT \(Self.columns) FROM client_tokens ORDER BY name LIMIT ?1",
                [.integer(Int64(ClientToken.countLimit))], Self.token
            ).compactMap { $0 }
        }
    }

    package func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            for (id, use) in uses {
                try connection.run(
                    """
                    UPDATE client_tokens SET used_at = max(coalesce(used_at, ?2), ?2)
                    WHERE id = ?1
                    """,
                    [.text(id), .integer(use)])
            }
        }
    }

    /// Nil for a row that another program wrote.
    private static func token(_ row: borrowing SQLiteRow) -> ClientToken? {
        guard let id = row.text(0), let name = row.text(1),
            let digest = BlobDigest(bytes: row.bytes(2)), let scopes = row.text(3)
        else { return nil }
        return ClientToken(
            id: id, name: name, digest: digest, scopes: scopes, isAdmin: row.integer(4) == 1,
            createdAt: row.integer(5) ?? 0, expiresAt: row.integer(6), usedAt: row.integer(7))
    }
}
