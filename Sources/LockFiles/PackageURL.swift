internal import HTTPModel

/// A package URL, as `pkg:npm/%40scope/name@1.0.0?repository_url=…`.
///
/// Source: <https://github.com/package-url/purl-spec>
struct PackageURL: Sendable, Hashable {
    let type: String
    /// With the namespace before it, where there is one.
    let name: String
    let version: String?
    let qualifiers: [String: String]

    init(type: String, name: String, version: String?, qualifiers: [String: String]) {
        self.type = type
        self.name = name
        self.version = version
        self.qualifiers = qualifiers
    }

    init?(_ text: String) {
        guard text.utf8.count <= 4_096, text.hasPrefix("pkg:") else { return nil }
        var rest = text.dropFirst(4).drop { $0 == "/" }.prefix { $0 != "#" }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        rest = rest.prefix { $0 != "?" }
        // The version is behind the last at sign, since one in a name is percent-encoded.
        var version: Substring?
        if let at = rest.lastIndex(of: "@"), at > (rest.lastIndex(of: "/") ?? rest.startIndex) {
            version = rest[rest.index(after: at)...]
            rest = rest[..<at]
        }
        let parts = rest.split(separator: "/").map(Self.decoded)
        guard let type = parts.first, parts.count >= 2 else { return nil }
        self.type = type.lowercased()
        name = parts.dropFirst().joined(separator: "/")
        self.version = version.map(Self.decoded)
        var qualifiers: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { qualifiers[sides[0].lowercased()] = Self.decoded(sides[1]) }
        }
        self.qualifiers = qualifiers
    }

    /// In the canonical form: qualifiers in the order of their keys, and all escaped that may be.
    var text: String {
        let path = name.split(separator: "/").map { PercentEncoding.encodedSegment(String($0)) }
        var text = "pkg:\(type)/\(path.joined(separator: "/"))"
        if let version { text += "@" + PercentEncoding.encodedSegment(version) }
        let pairs = qualifiers.sorted { $0.key < $1.key }.map {
            "\($0.key)=\(PercentEncoding.encodedSegment($0.value, keeping: ":/"))"
        }
        return pairs.isEmpty ? text : text + "?" + pairs.joined(separator: "&")
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: PercentEncoding.decoded(text.utf8) ?? Array(text.utf8), as: UTF8.self)
    }
}
