/// A package's name, with its scope: `lodash`, `@babel/core`.
///
/// Names are compared byte by byte: `JSON` and `json` are two packages. Old names may have capitals
/// and some punctuation; what would need escaping in a URL is refused.
/// Source: npm's validate-npm-package-name, "legacy" names.
package struct PackageName: Sendable, Hashable {
    /// The longest name that the registry takes.
    package static let limit = 214

    package let text: String
    /// With its `@`.
    package let scope: String?
    /// Without its scope.
    package let plain: String

    package init?(_ text: String) {
        guard text.utf8.count <= Self.limit else { return nil }
        guard text.utf8.first == UInt8(ascii: "@") else {
            guard Self.isPlainName(text[...]) else { return nil }
            (self.text, scope, plain) = (text, nil, text)
            return
        }
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let scope = text[..<slash]
        let plain = text[text.utf8.index(after: slash)...]
        guard scope.utf8.count > 1, scope.utf8.dropFirst().allSatisfy(Self.isAllowed),
            Self.isPlainName(plain)
        else { return nil }
        (self.text, self.scope, self.plain) = (text, String(scope), String(plain))
    }

    /// The name as one segment of an upstream's path: what every registry takes.
    var upstreamSegment: String {
        guard let scope else { return plain }
        return "\(scope)%2f\(plain)"
    }

    private static func isPlainName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first != 0x2E, first != 0x5F,
            text.utf8.allSatisfy(isAllowed)
        else { return false }
        switch text {
        // A segment of that name begins the registry's own services.
        case "-": return false
        default: return !reserved.contains(String(text.utf8.map(lowercased).map(character)))
        }
    }

    private static let reserved: Set = ["node_modules", "favicon.ico"]

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    private static func character(_ byte: UInt8) -> Character {
        Character(Unicode.Scalar(byte))
    }

    /// What `encodeURIComponent` leaves as it is.
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        case 0x7E, 0x21, 0x27, 0x28, 0x29, 0x2A: true
        default: false
        }
    }
}
