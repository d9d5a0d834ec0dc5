extension RequestTarget {
    /// Whether a path of ours may have a segment that decodes to this, so that a request reaches it.
    package static func takes(segment: [UInt8]) -> Bool {
        !segment.isEmpty && segment != [0x2E] && segment != [0x2E, 0x2E]
            && !PercentEncoding.hasEscape(segment)
            && segment.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x2F && $0 != 0x5C }
    }

    /// The decoded segments of an encoded path without its first slash.
    ///
    /// Nil when a request could not name one of them: no link may lead nowhere.
    package static func decodedSegments(of path: Substring) -> [String]? {
        var segments: [String] = []
        for piece in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentEncoding.decoded(piece.utf8), takes(segment: decoded),
                let text = String(validating: decoded, as: UTF8.self)
            else { return nil }
            segments.append(text)
        }
        return segments
    }
}
