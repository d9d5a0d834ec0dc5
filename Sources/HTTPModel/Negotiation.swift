/// A list of names with quality values: Accept, Accept-Encoding (RFC 9110 section 12.4.2).
package struct QualityList: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        /// The name in lower case: `text/html`, `*/*`, `gzip`.
        package let name: String
        /// 0 to 1000; thousandths, as the grammar has at most three decimals.
        package let quality: Int
    }

    /// At most 64 members; the rest of a longer field is not read.
    package let members: [Member]

    /// Reads a field; malformed members are skipped, parameters other than `q` are ignored.
    package init(_ text: String) {
        var members: [Member] = []
        for part in text.split(separator: ",", maxSplits: 256).prefix(64) {
            let pieces = part.split(separator: ";")
            guard let first = pieces.first else { continue }
            let name = String(first).trimmingWhitespace
            guard !name.isEmpty, !name.utf8.contains(0x20) else { continue }
            guard let quality = Self.quality(in: pieces.dropFirst()) else { continue }
            members.append(Member(name: String(name).asciiLowercased, quality: quality))
        }
        self.members = members
    }

    /// The quality in thousandths of the first member with this name, or nil.
    package func quality(of name: String) -> Int? {
        members.first { $0.name == name }?.quality
    }

    private static func quality(in parameters: ArraySlice<Substring>) -> Int? {
        for parameter in parameters {
            let text = String(parameter).trimmingWhitespace
            guard text.hasPrefix("q=") || text.hasPrefix("Q=") else { continue }
            return thousandths(text.dropFirst(2))
        }
        return 1_000
    }

    /// Reads a qvalue: `0`, `1`, `0.5`, `1.000` (RFC 9110 section 12.4.2); nil when malformed.
    private static func thousandths(_ text: Substring) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else {
            return nil
        }
        guard digits.count > 1 else { return first == 0x31 ? 1_000 : 0 }
        guard digits[1] == 0x2E else { return nil }
        var value = first == 0x31 ? 1_000 : 0
        var unit = 100
        for digit in digits.dropFirst(2) {
            guard (0x30...0x39).contains(digit) else { return nil }
            value += Int(digit - 0x30) * unit
            unit /= 10
        }
        return value <= 1_000 ? value : nil
    }
}

/// The Accept field of a request; without one, anything is acceptable.
package struct Accept: Sendable, Hashable {
    package let list: QualityList

    package init(_ text: String?) {
        let list = QualityList(text ?? "*/*")
        // A field that names nothing rules nothing out.
        self.list = list.members.isEmpty ? QualityList("*/*") : list
    }

    /// The quality of a media type in thousandths: exact type, then `type/*`, then `*/*`.
    ///
    /// Source: RFC 9110 section 12.5.1, most specific range wins.
    package func quality(of type: String) -> Int {
        if let exact = list.quality(of: type) { return exact }
        if let slash = type.firstIndex(of: "/"),
            let family = list.quality(of: type[...slash] + "*")
        {
            return family
        }
        return list.quality(of: "*/*") ?? 0
    }
}

/// A content coding of ours.
package enum ContentCoding: String, Sendable, Hashable {
    case identity, gzip

    /// The coding to send to a client with this Accept-Encoding (RFC 9110 section 12.5.3).
    ///
    /// gzip only when it is named, or covered by `*`, with a quality above 0; `x-gzip` is the same.
    package static func preferred(_ acceptEncoding: String?) -> ContentCoding {
        guard let acceptEncoding else { return .identity }
        let list = QualityList(acceptEncoding)
        let quality =
            list.quality(of: "gzip") ?? list.quality(of: "x-gzip") ?? list.quality(of: "*")
        return (quality ?? 0) > 0 ? .gzip : .identity
    }
}
