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

    /// The target as it came, without its query, which may hold a secret.
    package var path: Substring { raw.prefix { $0 != "?" } }

    /// Whether the path ended in a slash.
    ///
    /// The root has no segments and ends in one.
    package let hasTrailingSlash: Bool
    /// What follows the first `?`, still encoded.
    package let query: String?

    /// Reads a target; its length is bounded by the limit on the request line.
    package init(_ target: some Collection<UInt8>) throws(Fault) {
        let bytes = Array(target)
        try self.init(bytes.span)
    }

    /// Reads a target out of a receive buffer; copies what it keeps.
    package init(_ target: Span<UInt8>) throws(Fault) {
        guard !target.isEmpty, target[0] == 0x2F else { throw .notOriginForm }
        var pathEnd = target.count
        for index in target.indices {
            let byte = target[index]
            // Printable ASCII without backslash and fragment.
            guard byte > 0x20, byte < 0x7F, byte != 0x5C, byte != 0x23 else {
                throw .forbiddenByte
            }
            if byte == 0x3F, pathEnd == target.count { pathEnd = index }
        }
        raw = String(copyingText: target)
        let hasQuery = pathEnd < target.count
        query =
            hasQuery
            ? String(copyingText: target.extracting((pathEnd + 1)..<target.count)) : nil
        hasTrailingSlash = target[pathEnd - 1] == 0x2F
        segments = try Self.segments(target.extracting(0..<pathEnd))
    }

    /// The segments of a path that begins with a slash.
    private static func segments(_ path: Span<UInt8>) throws(Fault) -> [Segment] {
        var segments: [Segment] = []
        var start = 1
        for index in 1..<max(path.count, 1) where path[index] == 0x2F {
            segments.append(try segment(path.extracting(start..<index)))
            start = index + 1
        }
        if start < path.count { segments.append(try segment(path.extracting(start..<path.count))) }
        return segments
    }

    private static func segment(_ piece: Span<UInt8>) throws(Fault) -> Segment {
        guard !piece.isEmpty else { throw .emptySegment }
        var hasEscape = false
        for index in piece.indices {
            // Path parameters: readers disagree about whether they belong to the name.
            guard piece[index] != 0x3B else { throw .forbiddenByte }
            if piece[index] == 0x25 { hasEscape = true }
        }
        guard hasEscape else {
            let text = String(copyingText: piece)
            guard text != ".", text != ".." else { throw .dotSegment }
            return Segment(text: text, hasEncodedSlash: false)
        }
        return try escapedSegment(Array(copying: piece))
    }

    private static func escapedSegment(_ piece: [UInt8]) throws(Fault) -> Segment {
        guard let once = PercentEncoding.decoded(piece) else { throw .badEscape }
        let decoded = withPlainPluses(once)
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

    /// The one character that may come encoded twice: Helm 3 asks for charts so.
    ///
    /// A `+` is nothing that a gate looks for, and `%2B` and `+` are one file everywhere.
    private static func withPlainPluses(_ decoded: [UInt8]) -> [UInt8] {
        guard PercentEncoding.hasEscape(decoded) else { return decoded }
        var result: [UInt8] = []
        var index = 0
        while index < decoded.count {
            let escape = decoded[index...].prefix(3)
            let isPlus = escape.elementsEqual("%2B".utf8) || escape.elementsEqual("%2b".utf8)
            result.append(isPlus ? 0x2B : decoded[index])
            index += isPlus ? 3 : 1
        }
        return result
    }
}

extension RequestTarget {
    /// Whether the first segments are `path`, each in plain.
    package func lies(below path: [String]) -> Bool {
        guard segments.count >= path.count else { return false }
        return zip(path, segments).allSatisfy { $0 == $1.text && !$1.hasEncodedSlash }
    }
}

extension Array where Element == UInt8 {
    /// A copy of `bytes`, which may be lent only.
    package init(copying bytes: Span<UInt8>) {
        self.init()
        reserveCapacity(bytes.count)
        for index in bytes.indices { append(bytes[index]) }
    }
}

extension String {
    /// A copy of `bytes` as UTF-8, repaired where they are not.
    package init(copyingText bytes: Span<UInt8>) {
        if let text = try? UTF8Span(validating: bytes) {
            self.init(copying: text)
        } else {
            self.init(decoding: Array(copying: bytes), as: UTF8.self)
        }
    }
}
