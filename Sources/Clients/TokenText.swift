package import Digests
internal import Linux

/// The text of a client's token: `larder_<id>_<secret>`, both in hexadecimal digits.
///
/// The id, of 64 bits, is public and for the look-up; the secret has 256 bits, and nobody but the
/// client keeps it.
package struct TokenText: Sendable {
    private static let start = "larder_"
    private static let idLength = 16
    private static let secretLength = 64

    package let id: String
    /// The SHA-256 of the secret's digits.
    package let digest: BlobDigest

    /// A new token: the one time that its text is known here.
    package static func make() -> (text: String, token: TokenText) {
        let id = SystemRandom.hexadecimal(byteCount: idLength / 2)
        let secret = SystemRandom.hexadecimal(byteCount: secretLength / 2)
        let token = TokenText(id: id, digest: BlobDigest.of(Array(secret.utf8)))
        return ("\(start)\(id)_\(secret)", token)
    }

    /// - Returns: `nil` for a text that is no token by its form.
    package init?(_ text: String) {
        let length = Self.start.utf8.count + Self.idLength + 1 + Self.secretLength
        let bytes = Array(text.utf8)
        guard bytes.count == length, text.hasPrefix(Self.start) else { return nil }
        let parts = bytes.dropFirst(Self.start.utf8.count).split(
            separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == Self.idLength,
            parts.joined().allSatisfy(Self.isDigit)
        else { return nil }
        id = String(decoding: parts[0], as: UTF8.self)
        digest = BlobDigest.of(Array(parts[1]))
    }

    private init(id: String, digest: BlobDigest) {
        self.id = id
        self.digest = digest
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
