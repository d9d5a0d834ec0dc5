package import Digests

/// Tokens of clients: what is known of each but for its secret.
package protocol ClientTokens: Sendable {
    /// Adds a token, and notes a ``Change/Kind/tokens``, in one transaction; durable when it
    /// returns.
    ///
    /// The same token once more is added already.
    func add(_ token: ClientToken, at now: Int64) async throws(StoreError) -> TokenAddition

    /// Takes a token out by its name, and notes a ``Change/Kind/tokens``; durable when it returns.
    ///
    /// - Returns: Whether there was one.
    func revokeToken(named name: String, at now: Int64) async throws(StoreError) -> Bool

    /// All tokens by their names' order, those that have ended too; at most
    /// ``ClientToken/countLimit``.
    func clientTokens() async throws(StoreError) -> [ClientToken]

    /// Takes the ids of tokens to their last use in seconds since 1970; later ones win.
    func record(tokenUses uses: [String: Int64]) async throws(StoreError)
}

/// One token of a client.
package struct ClientToken: Sendable, Hashable {
    /// The most tokens that there can be: every server keeps all of them in memory.
    package static let countLimit = 10_000

    /// Public, and part of the token.
    package let id: String
    /// The operator's name for it, of which there is one.
    package let name: String
    /// The SHA-256 of the secret.
    package let digest: BlobDigest
    /// What may be read, with commas between.
    package let scopes: String
    package let isAdmin: Bool
    /// In seconds since 1970.
    package let createdAt: Int64
    /// In seconds since 1970; nil for one that does not end.
    package let expiresAt: Int64?
    /// In seconds since 1970; nil while it was never used, as far as that was written down.
    package var usedAt: Int64?

    package init(
        id: String, name: String, digest: BlobDigest, scopes: String, isAdmin: Bool,
        createdAt: Int64, expiresAt: Int64?, usedAt: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.digest = digest
        self.scopes = scopes
        self.isAdmin = isAdmin
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

package enum TokenAddition: Sendable, Hashable {
    case added
    /// Another token has this name.
    case nameTaken
    /// There are ``ClientToken/countLimit`` of them.
    case full
}
