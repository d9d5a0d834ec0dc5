internal import Digests
internal import FoundationEssentials
package import HTTPModel

/// A service account's key file of Google Cloud, and the assertion that is made with it.
///
/// OAuth 2.0 for service accounts: a JWT (RFC 7519) signed with RS256, which the token service
/// exchanges for an access token (RFC 7523 section 2.1).
package struct ServiceAccount: Sendable {
    /// What a store of blobs needs, and no more.
    package static let scope = "https://www.googleapis.com/auth/devstorage.read_write"
    /// How long an assertion holds, in seconds; the most that the service takes.
    static let assertionSeconds: Int64 = 3_600

    package let email: String
    package let tokenURL: AbsoluteURL
    private let keyID: String
    private let key: RSAKey

    /// Reads a key file.
    ///
    /// - Throws: A sentence on what is wrong with it, with nothing of its content.
    package init(_ file: [UInt8]) throws(BucketProblem) {
        guard let document = CredentialAnswers.decoded(Document.self, file) else {
            throw BucketProblem("the credential file of the bucket is no service account's key")
        }
        guard document.type == "service_account" else {
            throw BucketProblem(
                "the credential file of the bucket is not of type service_account")
        }
        guard let url = AbsoluteURL(document.token_uri) else {
            throw BucketProblem("the credential file of the bucket has no usable token_uri")
        }
        guard let der = Self.der(document.private_key), let key = RSAKey(der: der) else {
            throw BucketProblem("the credential file of the bucket has no RSA private key")
        }
        email = document.client_email
        tokenURL = url
        keyID = document.private_key_id ?? ""
        self.key = key
    }

    /// The signed assertion for a token from second `now` on; nil when it cannot be signed.
    package func assertion(at now: Int64) -> String? {
        let header = Header(alg: "RS256", typ: "JWT", kid: keyID)
        let claims = Claims(
            iss: email, scope: Self.scope, aud: tokenURL.description, iat: now,
            exp: now + Self.assertionSeconds)
        guard let head = Self.part(header), let body = Self.part(claims),
            let signature = key.signature(of: Array("\(head).\(body)".utf8))
        else { return nil }
        return "\(head).\(body).\(Self.base64URL(Data(signature)))"
    }

    /// The form with which a token is asked for.
    package static func form(_ assertion: String) -> [UInt8] {
        let grant = PercentEncoding.encodedSegment("urn:ietf:params:oauth:grant-type:jwt-bearer")
        return Array("grant_type=\(grant)&assertion=\(assertion)".utf8)
    }

    private static func part(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(base64URL)
    }

    /// RFC 4648 section 5, without padding.
    private static func base64URL(_ bytes: Data) -> String {
        String(
            bytes.base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// The bytes of a PEM text (RFC 7468).
    private static func der(_ pem: String) -> [UInt8]? {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard let first = lines.first, let last = lines.last, lines.count > 2,
            first.hasPrefix("-----BEGIN "), last.hasPrefix("-----END ")
        else { return nil }
        let text = lines.dropFirst().dropLast().joined()
        return Data(base64Encoded: text).map { Array($0) }
    }

    private struct Document: Decodable {
        let type: String
        let client_email: String
        let private_key: String
        let private_key_id: String?
        let token_uri: String
    }

    private struct Header: Encodable {
        let alg: String
        let typ: String
        let kid: String
    }

    private struct Claims: Encodable {
        let iss: String
        let scope: String
        let aud: String
        let iat: Int64
        let exp: Int64
    }
}
