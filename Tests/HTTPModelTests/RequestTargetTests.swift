import HTTPModel
import Testing

@Suite struct RequestTargetTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let raw: String
        let segments: [String]
        var hasTrailingSlash = false
        var query: String?
        var testDescription: String { raw }
    }

    static let goodRows: [Good] = [
        Good(raw: "/", segments: [], hasTrailingSlash: true),
        Good(raw: "/?a=b", segments: [], hasTrailingSlash: true, query: "a=b"),
        Good(raw: "/simple/a/", segments: ["simple", "a"], hasTrailingSlash: true),
        Good(raw: "/simple/a", segments: ["simple", "a"]),
        Good(raw: "/a?", segments: ["a"], query: ""),
        Good(raw: "/a?b?c/../d;e", segments: ["a"], query: "b?c/../d;e"),
        Good(raw: "/a%20b", segments: ["a b"]),
        Good(raw: "/%61", segments: ["a"]),
        Good(raw: "/caf%C3%A9", segments: ["caf\u{E9}"]),
        Good(raw: "/@scope%2fname", segments: ["@scope/name"]),
        Good(raw: "/@scope%2Fname/-/name-1.tgz", segments: ["@scope/name", "-", "name-1.tgz"]),
        Good(raw: "/a+b~c!$&'()*,=:@", segments: ["a+b~c!$&'()*,=:@"]),
        Good(raw: "/...", segments: ["..."]),
        Good(raw: "/.well-known", segments: [".well-known"]),
        Good(raw: "/a%25b", segments: ["a%b"]),
        Good(raw: "/a%25zz", segments: ["a%zz"]),
        Good(raw: "/a-1%252Bb%252b.tgz", segments: ["a-1+b+.tgz"]),
    ]

    @Test("targets in origin form, RFC 9112 section 3.2.1", arguments: goodRows)
    func good(_ row: Good) throws {
        let target = try RequestTarget(row.raw.utf8)
        #expect(target.raw == row.raw)
        #expect(target.segments.map(\.text) == row.segments)
        #expect(target.hasTrailingSlash == row.hasTrailingSlash)
        #expect(target.query == row.query)
        let encoded = target.segments.filter(\.hasEncodedSlash).count
        #expect(encoded == row.segments.filter { $0.contains("/") }.count)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let raw: String
        let fault: RequestTarget.Fault
        var testDescription: String { "\(raw) \(fault)" }
    }

    static let badRows: [Bad] =
        ["", "a", "*", "http://a/", "?a", "a:443", " /"].map { Bad(raw: $0, fault: .notOriginForm) }
        + [
            "/a b", "/a\u{0}", "/a\t", "/a\\b", "/a#b", "/\u{E9}", "/a;b", "/a;b=c/d", "/a%00",
            "/a%0Ab", "/a%7f", "/a%5Cb", "/a?b c", "/a?\u{7F}", "/%1f",
        ].map { Bad(raw: $0, fault: .forbiddenByte) }
        + ["/%", "/%1", "/%zz", "/a%2/b", "/%%41", "/%u0041", "/% 1".replacing(" ", with: "_")].map
    {
        Bad(raw: $0, fault: .badEscape)
    }
        + ["/a%252fb", "/%252e%252e/", "/%25%32%66", "/a%2541", "/a%25252B", "/a%252B%2541"].map {
            Bad(raw: $0, fault: .doubleEncoding)
        }
        + ["//", "//a", "/a//b", "/a//", "///"].map { Bad(raw: $0, fault: .emptySegment) }
        + [
            "/.", "/..", "/a/./b", "/a/../b", "/a/..", "/%2e", "/%2E%2e/a", "/.%2e", "/a%2f..",
            "/..%2fa", "/a%2f%2fb", "/%2f", "/a%2f", "/%2fa", "/a%2f.%2fb", "/../", "/./",
        ].map { Bad(raw: $0, fault: .dotSegment) }
        + ["/%ff", "/%c0%ae", "/%ed%a0%80", "/%f5%80%80%80", "/a%80", "/%e2%82"].map {
            Bad(raw: $0, fault: .notUTF8)
        }

    @Test("refused targets, rule P1", arguments: badRows)
    func bad(_ row: Bad) {
        #expect(throws: row.fault) { try RequestTarget(row.raw.utf8) }
    }

    @Test("no accepted target hides a dot segment, an empty one or a control byte")
    func generated() {
        let pieces = [
            "a", "..", ".", "/", "%2e", "%2f", "%5c", "%00", ";", "\\", "%25", "//", "%c0%af",
            "x.whl",
        ]
        var state: UInt32 = 7
        var accepted = 0
        for _ in 0..<20_000 {
            var text = "/"
            for _ in 0..<4 {
                state = state &* 1_664_525 &+ 1_013_904_223
                text += pieces[Int(state >> 16) % pieces.count]
            }
            guard let target = try? RequestTarget(text.utf8) else { continue }
            accepted += 1
            for segment in target.segments {
                let parts = segment.text.split(separator: "/", omittingEmptySubsequences: false)
                #expect(!parts.contains { $0.isEmpty || $0 == "." || $0 == ".." })
                #expect(segment.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x5C && $0 != 0x7F })
            }
        }
        #expect(accepted > 100)
    }
}
