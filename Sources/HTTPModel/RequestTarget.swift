/// A request target in origin form, decoded once.
///
/// Routing, authorisation, cache key, metrics and log all use this one parsed value and never the
/// raw bytes (rules P1 and P2 of the reliability study): two readings of one path are how gates are
/// walked around.
package struct RequestTarget: Sendable, Hashable {
    /// One path segment after one round of percent-decoding: valid UTF-8, never empty, `.` or `..`,
    /// without control bytes and backslashes.
    package struct Segment: Sendable, Hashable {
        package let text: String
        /// Whether `text` holds a slash that came as `%2F`: legal only as npm's scope separator.
        package let hasEncodedSlash: Bool
    }

    /// Why a target is refused; each is a 400.
    package enum Fault: Error, Sendable, Hashable {
        case notOriginForm, forbiddenByte, badEscape, doubleEncoding, emptySegment, dotSegment
        case notUTF8
    }

    /// The target as it came, query included: printable ASCII.
    package let raw: String
    package let segments: [Segment]
    /// Whether the path ended in a slash.
    ///
    /// The root has no segments and ends in one.
    package let hasTrailingSlash: Bool
    /// What follows the first `?`, still encoded.
    package let query: String?

    /// Reads a target; its length is bounded by the limit on the request line.
    package init(_ target: some Collection<UInt8>) throws(Fault) {
        guard target.first == 0x2F else { throw .notOriginForm }
        // Printable ASCII without backslash, fragment and path parameters.
        let isClean = target.allSatisfy {
            (0x21...0x7E).contains($0) && $0 != 0x5C && $0 != 0x23
        }
        guard isClean else { throw .forbiddenByte }
        let mark = target.firstIndex(of: 0x3F)
        let path = target[target.index(after: target.startIndex)..<(mark ?? target.endIndex)]
        raw = String(decoding: target, as: UTF8.self)
        query = mark.map { String(decoding: target[target.index(after: $0)...], as: UTF8.self) }
        guard !path.isEmpty else {
            segments = []
            hasTrailingSlash = true
            return
        }
        var pieces = path.split(separator: 0x2F, omittingEmptySubsequences: false)
        hasTrailingSlash = pieces.last?.isEmpty ?? false
        if hasTrailingSlash { pieces.removeLast() }
        var segments: [Segment] = []
        segments.reserveCapacity(pieces.count)
        for piece in pieces { segments.append(try Self.segment(piece)) }
        self.segments = segments
    }

    private static func segment(_ piece: some Collection<UInt8>) throws(Fault) -> Segment {
        guard !piece.isEmpty else { throw .emptySegment }
        guard !piece.contains(0x3B) else { throw .forbiddenByte }
        guard piece.contains(0x25) else {
            let text = String(decoding: piece, as: UTF8.self)
            guard text != ".", text != ".." else { throw .dotSegment }
            return Segment(text: text, hasEncodedSlash: false)
        }
        guard let decoded = PercentEncoding.decoded(piece) else { throw .badEscape }
        guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }) else {
            throw .forbiddenByte
        }
        guard !PercentEncoding.hasEscape(decoded) else { throw .doubleEncoding }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .notUTF8 }
        let isDotted = text.split(separator: "/", omittingEmptySubsequences: false)
            .contains { $0 == "." || $0 == ".." || $0.isEmpty }
        guard !isDotted else { throw .dotSegment }
        return Segment(text: text, hasEncodedSlash: decoded.contains(0x2F))
    }
}
