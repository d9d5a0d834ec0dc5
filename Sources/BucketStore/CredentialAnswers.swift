internal import FoundationEssentials
internal import HTTPModel

/// What the services that give out keys and tokens answer.
package enum CredentialAnswers {
    /// The key in an answer of STS to `AssumeRoleWithWebIdentity`.
    package static func webIdentity(_ bytes: [UInt8]) -> AccessKey? {
        guard let root = XMLElement(bytes), root.name == "AssumeRoleWithWebIdentityResponse",
            let found = root["AssumeRoleWithWebIdentityResult"]?["Credentials"]
        else { return nil }
        return key(
            found["AccessKeyId"]?.text, found["SecretAccessKey"]?.text,
            found["SessionToken"]?.text, found["Expiration"]?.text)
    }

    /// The key in an answer of a container's agent or of the instance metadata service.
    package static func keyDocument(_ bytes: [UInt8]) -> AccessKey? {
        guard let found = decoded(KeyDocument.self, bytes) else { return nil }
        return key(found.AccessKeyId, found.SecretAccessKey, found.Token, found.Expiration)
    }

    /// The token in an OAuth answer (RFC 6749 section 5.1), which came at `now`.
    package static func token(_ bytes: [UInt8], now: Int64) -> AccessToken? {
        guard let found = decoded(TokenDocument.self, bytes),
            found.token_type.lowercased() == "bearer", isSendable(found.access_token),
            (1...86_400 * 7).contains(found.expires_in)
        else { return nil }
        return AccessToken(
            text: found.access_token, begin: now, end: now + Int64(found.expires_in))
    }

    private static func key(
        _ id: String?, _ secret: String?, _ token: String?, _ expiration: String?
    ) -> AccessKey? {
        guard let id, let secret, isSendable(id), !secret.isEmpty,
            token.map(isSendable) ?? true
        else { return nil }
        var end: Int64?
        if let expiration {
            guard let second = Timestamp(expiration.utf8)?.seconds else { return nil }
            end = second
        }
        return AccessKey(id: id, secret: secret, sessionToken: token, expiresAt: end)
    }

    private static func isSendable(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    static func decoded<Document: Decodable>(
        _ type: Document.Type, _ bytes: [UInt8]
    ) -> Document? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }

    // The names are those of the documents.
    private struct KeyDocument: Decodable {
        let AccessKeyId: String
        let SecretAccessKey: String
        let Token: String?
        let Expiration: String?
    }

    private struct TokenDocument: Decodable {
        let access_token: String
        let expires_in: Int
        let token_type: String
    }
}

/// A bearer token with its time; it never shows itself.
package struct AccessToken: Sendable, Hashable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    let text: String
    package let begin: Int64
    /// The second since 1970 at which it ends.
    package let end: Int64

    package var authorization: String { "Bearer \(text)" }
    package var description: String { "***" }
    package var debugDescription: String { "***" }
}
