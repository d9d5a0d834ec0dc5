package import Digests
package import HTTPModel

/// A response as it is stored: what the upstream said, when, and where the bytes are.
///
/// A rendering of ours is stored in the same form. Source: RFC 9111 section 3.
package struct StoredResponse: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case document, artifact
        /// Made by us from a document; may be thrown away at any time.
        case rendering
    }

    package let key: CacheKey
    package let kind: Kind
    /// For a document and an artifact, the upstream's fields that are kept (validators,
    /// Content-Type, …); for a rendering, our own Content-Type.
    package var headers: Headers
    package let body: BlobDigest
    package let byteCount: Int
    /// What clients get as ETag, quotes excluded; nil for a document, whose renderings have their own.
    package var entityTag: String?
    /// When these bytes were stored, in seconds since 1970.
    package let storedAt: Int64
    /// When the upstream last said that they are right, in seconds since 1970.
    package var validatedAt: Int64
    /// For how many seconds after `validatedAt` they are fresh.
    package var lifetimeSeconds: Int64
    /// Since when the upstream answers 404 or 410 for it, in seconds since 1970.
    package var withdrawnAt: Int64?

    package init(
        key: CacheKey, kind: Kind, headers: Headers, body: BlobDigest, byteCount: Int,
        entityTag: String?, storedAt: Int64, validatedAt: Int64, lifetimeSeconds: Int64,
        withdrawnAt: Int64? = nil
    ) {
        self.key = key
        self.kind = kind
        self.headers = headers
        self.body = body
        self.byteCount = byteCount
        self.entityTag = entityTag
        self.storedAt = storedAt
        self.validatedAt = validatedAt
        self.lifetimeSeconds = lifetimeSeconds
        self.withdrawnAt = withdrawnAt
    }
}
