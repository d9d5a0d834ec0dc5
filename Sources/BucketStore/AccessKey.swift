/// A key pair for requests to S3; it never shows itself.
package struct AccessKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible
{
    package let id: String
    let secret: String
    /// What comes with keys that were given for a time.
    let sessionToken: String?
    /// The second since 1970 at which it ends; nil for a lasting one.
    package let expiresAt: Int64?

    package init(
        id: String, secret: String, sessionToken: String? = nil, expiresAt: Int64? = nil
    ) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
}
