internal import HTTPModel

/// The query of a search, as it is sent to the upstream: known fields in one order.
struct SearchQuery: Sendable, Hashable {
    /// Percent-encoded; part of a document's name.
    let text: String
    private let terms: String

    private static let fields = [
        "text", "size", "from", "quality", "popularity", "maintenance",
    ]
    /// The longest text to search for, in characters.
    static let textLimit = 256

    /// Nil without a text to search for, or with one that is too long or cannot be decoded.
    ///
    /// Other fields are left out unless they are the numbers that they should be.
    init?(_ query: String?) {
        var values: [String: String] = [:]
        for field in (query ?? "").prefix(2_048).split(separator: "&", maxSplits: 64) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Self.fields.contains(String(parts[0])) else { continue }
            let spaced = parts[1].utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }
            guard let decoded = PercentEncoding.decoded(spaced),
                let value = String(validating: decoded, as: UTF8.self)
            else { return nil }
            if Self.isSent(value, as: parts[0]) { values[String(parts[0])] = value }
        }
        guard let terms = values["text"], (1...Self.textLimit).contains(terms.count) else {
            return nil
        }
        self.terms = terms
        text = Self.fields.compactMap { field in
            values[field].map { "\(field)=\(PercentEncoding.encodedSegment($0))" }
        }.joined(separator: "&")
    }

    private static func isSent(_ value: String, as field: Substring) -> Bool {
        let bytes = value.utf8
        switch field {
        case "text": return true
        case "size", "from":
            return (1...9).contains(bytes.count) && bytes.allSatisfy { $0 &- 0x30 < 10 }
        default:
            let parts = bytes.split(
                separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
            return bytes.count <= 16
                && parts.allSatisfy { part in
                    !part.isEmpty && part.allSatisfy { $0 &- 0x30 < 10 }
                }
        }
    }

    /// Whether it says the name of one of these scopes, in any spelling that a search takes.
    func names(_ scopes: Set<String>) -> Bool {
        let bytes = PercentEncoding.withoutEscapes(Array(terms.utf8))
        let text = String(decoding: bytes, as: UTF8.self).asciiLowercased
        return scopes.contains { scope in
            let scope = scope.asciiLowercased
            return text.contains(scope) || text.contains("scope:\(scope.dropFirst())")
        }
    }
}
