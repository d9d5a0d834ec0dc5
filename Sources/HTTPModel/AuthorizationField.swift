/// A client's Authorization field (RFC 9110 section 11.6.2): whatever prints it prints `***`.
package struct AuthorizationField: Sendable, Hashable {
    /// Longer ones hold no secret of ours, and are not read.
    private static let byteLimit = 4_096

    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// What may be a token, for the comparison and for nothing else.
    ///
    /// The token of Bearer (RFC 6750); of Basic (RFC 7617) the password, and the user name for
    /// clients that have the token in its place. Empty for anything else.
    package func revealedSecrets() -> [String] {
        guard text.utf8.count <= Self.byteLimit else { return [] }
        let words = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard words.count == 2 else { return [] }
        let rest = String(String(Substring(words[1])).trimmingWhitespace)
        switch String(Substring(words[0])).asciiLowercased {
        case "bearer": return [rest]
        case "basic":
            guard let bytes = Base64.decoded(rest) else { return [] }
            let pair = bytes.split(
                separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return [] }
            let texts = pair.map { String(decoding: $0, as: UTF8.self) }
            return texts.reversed().filter { !$0.isEmpty }
        default: return []
        }
    }
}

extension AuthorizationField: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package var description: String { "***" }
    package var debugDescription: String { "***" }

    // `dump` and test failures read mirrors, not descriptions.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
