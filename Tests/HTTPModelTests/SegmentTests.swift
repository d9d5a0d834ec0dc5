import HTTPModel
import Testing

/// Segments of other servers' paths that ours may have.
@Suite struct SegmentTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let segments: [String]?
        var testDescription: String { "\"\(path)\"" }

        init(_ path: String, _ segments: [String]?) {
            self.path = path
            self.segments = segments
        }
    }

    static let rows: [Row] = [
        Row("a", ["a"]), Row("a/b.tgz", ["a", "b.tgz"]), Row("...", ["..."]),
        Row("a%20b", ["a b"]), Row("a+b", ["a+b"]), Row("a%2Bb", ["a+b"]), Row("a%2bb", ["a+b"]),
        Row("caf%C3%A9", ["caf\u{E9}"]), Row("100%25", ["100%"]), Row("a%3Bb", ["a;b"]),
        Row("", nil), Row("/a", nil), Row("a/", nil), Row("a//b", nil),
        Row(".", nil), Row("..", nil), Row("a/../b", nil), Row("%2E%2e", nil), Row("%2e", nil),
        Row("a%2Fb", nil), Row("a%5Cb", nil), Row("a%00b", nil), Row("a%7Fb", nil),
        Row("a%1Fb", nil), Row("a%", nil), Row("a%2", nil), Row("a%GG", nil),
        Row("a%252Fb", nil), Row("a%FFb", nil),
    ]

    @Test("a path is taken apart when a request can name each segment", arguments: rows)
    func segments(_ row: Row) {
        #expect(RequestTarget.decodedSegments(of: row.path[...]) == row.segments)
    }

    @Test("a request for what is taken is understood as the same segments", arguments: rows)
    func reachable(_ row: Row) throws {
        guard let segments = row.segments else { return }
        let path = segments.map { PercentEncoding.encodedSegment($0) }.joined(separator: "/")
        let target = try RequestTarget("/\(path)".utf8)
        #expect(target.segments.map(\.text) == segments)
        #expect(target.segments.allSatisfy { !$0.hasEncodedSlash })
    }
}
