package import Ecosystems
package import HTTPModel

/// What a registry asks for before it gives a chart: a token from its realm.
///
/// Source: CNCF distribution, "Token Authentication Specification"; RFC 9110 section 11.6.1.
package struct TokenChallenge: Sendable, Hashable {
    package let realm: AbsoluteURL
    package let service: String?

    /// Reads the first Bearer challenge of a WWW-Authenticate field; nil when there is none.
    package init?(_ field: String) {
        var parser = ChallengeParser(rest: Array(field.utf8.prefix(8_192))[...])
        guard let parameters = parser.bearerParameters(),
            let realm = parameters["realm"].flatMap({ AbsoluteURL($0) })
        else { return nil }
        self.realm = realm
        service = parameters["service"]
    }

    /// Where a token for `scope` is asked for.
    ///
    /// The realm must be the registry's own origin, or be listed for it: a challenge is no reason
    /// to ask any other host for anything, and none to ask in the clear what was asked under TLS.
    /// The scope is ours, whatever the challenge wants.
    package func tokenURL(
        for scope: TokenScope, isListed: (AbsoluteURL) -> Bool = { _ in false }
    ) -> AbsoluteURL? {
        let registry = scope.origin
        let known = HelmDefaults.realms[registry.host].flatMap { AbsoluteURL($0)?.origin }
        guard realm.origin == registry || realm.origin == known || isListed(realm),
            realm.scheme == .https || registry.scheme == .http
        else { return nil }
        var query = realm.query.map { [$0] } ?? []
        if let service { query.append("service=" + PercentEncoding.encodedSegment(service)) }
        query.append("scope=" + PercentEncoding.encodedSegment(scope.name, keeping: ":/"))
        let place = "\(realm.scheme.rawValue)://\(realm.authority)\(realm.path)"
        return AbsoluteURL(place + "?" + query.joined(separator: "&"))
    }
}

/// Reads challenges: `Basic realm="a", Bearer realm="b",service="c"`.
private struct ChallengeParser {
    var rest: ArraySlice<UInt8>

    mutating func bearerParameters() -> [String: String]? {
        var found: [String: String]?
        while let word = token() {
            let behind = rest.drop { $0 == 0x20 || $0 == 0x09 }
            if behind.first == UInt8(ascii: "=") {
                rest = behind.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
                guard let value = value() else { return found }
                found?[word.asciiLowercased] = value
            } else if found != nil {
                return found
            } else if word.asciiLowercased == "bearer" {
                found = [:]
            }
        }
        return found
    }

    /// The next token behind spaces and commas.
    private mutating func token() -> String? {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x2C }
        let text = rest.prefix { $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != 0x3D && $0 != 0x22 }
        guard !text.isEmpty else { return nil }
        rest = rest.dropFirst(text.count)
        return String(decoding: text, as: UTF8.self)
    }

    /// A token or a quoted string.
    private mutating func value() -> String? {
        guard rest.first == 0x22 else { return token() }
        rest = rest.dropFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x22 { return String(decoding: text, as: UTF8.self) }
            guard let next = byte == 0x5C ? rest.popFirst() : byte else { return nil }
            text.append(next)
        }
        return nil
    }
}
