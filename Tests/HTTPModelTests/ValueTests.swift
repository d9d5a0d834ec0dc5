import HTTPModel
import Testing

@Suite struct EntityTagTests {
    @Test(
        "one tag, RFC 9110 section 8.8.3",
        arguments: [
            ("\"a\"", "\"a\""), ("W/\"a\"", "W/\"a\""), ("\"\"", "\"\""), ("\"a,b\"", "\"a,b\""),
            ("\"\u{E9}\"", "\"\u{E9}\""), ("\"\u{301}a\"", "\"\u{301}a\""), ("a", nil),
            ("\"a", nil),
            ("a\"", nil), ("\"", nil), ("w/\"a\"", nil), ("W/a", nil), ("\"a\"b\"", nil),
            ("\"a b\"", nil),
            ("", nil), ("W/", nil), ("*", nil), ("\"\u{7F}\"", nil),
        ] as [(String, String?)])
    func tag(_ text: String, _ expected: String?) {
        #expect(EntityTag(text)?.text == expected)
    }

    @Test(
        "lists, RFC 9110 section 13.1.2",
        arguments: [
            ("\"a\"", ["\"a\""]), ("\"a\", W/\"b\"", ["\"a\"", "W/\"b\""]),
            ("\"a\",\"b\"", ["\"a\"", "\"b\""]),
            ("\"a,b\" , \"c\"", ["\"a,b\"", "\"c\""]), (", ,\"a\"", ["\"a\""]),
            ("a, \"b\"", ["\"b\""]),
            ("\"a", []), ("", []), ("\"a b\", \"c\"", ["\"c\""]), ("W/ \"a\"", ["\"a\""]),
            ("\"\u{301}\", \"a\"", ["\"\u{301}\"", "\"a\""]),
        ] as [(String, [String])])
    func list(_ text: String, _ expected: [String]) {
        guard case .tags(let tags) = EntityTagList(text) else {
            Issue.record("any")
            return
        }
        #expect(tags.map(\.text) == expected)
    }

    @Test func anyAndComparison() throws {
        #expect(EntityTagList(" * ") == .any)
        #expect(EntityTagList("*").contains(EntityTag(strong: "x")))
        let strong = EntityTag(strong: "a")
        let weak = try #require(EntityTag("W/\"a\""))
        #expect(strong.weaklyMatches(weak))
        #expect(!strong.stronglyMatches(weak))
        #expect(!weak.stronglyMatches(weak))
        #expect(strong.stronglyMatches(strong))
        #expect(EntityTagList("\"b\", W/\"a\"").contains(strong))
        #expect(!EntityTagList("\"b\"").contains(strong))
    }

    @Test("a long list is cut, not refused")
    func longList() {
        let text = (0..<1_000).map { "\"\($0)\"" }.joined(separator: ",")
        #expect(EntityTagList(text).contains(EntityTag(strong: "63")))
        #expect(!EntityTagList(text).contains(EntityTag(strong: "64")))
    }
}

@Suite struct ByteRangeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let range: ByteRange?
        /// In a representation of 100 bytes; nil for 416.
        var part: Range<Int>?
        var testDescription: String { text }
    }

    static let rows: [Row] = [
        Row(text: "bytes=0-0", range: .closed(first: 0, last: 0), part: 0..<1),
        Row(text: "bytes=0-99", range: .closed(first: 0, last: 99), part: 0..<100),
        Row(text: "bytes=10-1000", range: .closed(first: 10, last: 1_000), part: 10..<100),
        Row(text: "BYTES=1-2", range: .closed(first: 1, last: 2), part: 1..<3),
        Row(text: " bytes=1-2 ", range: .closed(first: 1, last: 2), part: 1..<3),
        Row(text: "bytes=99-", range: .from(99), part: 99..<100),
        Row(text: "bytes=100-", range: .from(100)),
        Row(text: "bytes=100-200", range: .closed(first: 100, last: 200)),
        Row(text: "bytes=-1", range: .suffix(1), part: 99..<100),
        Row(text: "bytes=-1000", range: .suffix(1_000), part: 0..<100),
        Row(text: "bytes=-0", range: .suffix(0)),
        Row(
            text: "bytes=0-99999999999999999999",
            range: .closed(first: 0, last: .max - 1), part: 0..<100),
        Row(text: "bytes=99999999999999999999-", range: .from(.max - 1)),
        Row(text: "bytes=-99999999999999999999", range: .suffix(.max - 1), part: 0..<100),
        Row(text: "bytes=2-1", range: nil), Row(text: "bytes=-", range: nil),
        Row(text: "bytes=", range: nil), Row(text: "bytes=0-1,3-4", range: nil),
        Row(text: "bytes=0-1,", range: nil), Row(text: "bytes=a-b", range: nil),
        Row(text: "bytes=0x1-2", range: nil), Row(text: "bytes=+1-2", range: nil),
        Row(text: "bytes=1--2", range: nil), Row(text: "bytes=--1", range: nil),
        Row(text: "bytes=1 - 2", range: nil), Row(text: "bytes 0-1", range: nil),
        Row(text: "lines=0-1", range: nil), Row(text: "0-1", range: nil), Row(text: "", range: nil),
        Row(text: "bytes=\u{FF11}-\u{FF12}", range: nil),
    ]

    @Test("one range, RFC 9110 section 14.1.2", arguments: rows)
    func range(_ row: Row) {
        let range = ByteRange(row.text)
        #expect(range == row.range)
        guard let range else { return }
        #expect(range.resolved(in: 100) == row.part.map { .part($0) } ?? .unsatisfiable)
        #expect(range.resolved(in: 0) == .unsatisfiable)
    }
}

@Suite struct HTTPDateTests {
    @Test("every day from 1970 to 2400 comes back, RFC 9110 section 5.6.7")
    func roundTrip() throws {
        var previous = ""
        for day in 0..<157_054 as Range<Int64> {
            let date = HTTPDate(seconds: day * 86_400 + day * 7_919 % 86_400)
            let text = date.text
            if HTTPDate(text) != date || text == previous { Issue.record("\(text)") }
            previous = text
        }
        #expect(HTTPDate(seconds: 157_054 * 86_400).text == "Sat, 01 Jan 2400 00:00:00 GMT")
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)])
    func known(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(seconds: seconds).text == text)
        #expect(HTTPDate(text)?.seconds == seconds)
    }

    @Test(
        "obsolete forms, and names in any case, RFC 9111 section 4.2",
        arguments: [
            (784_111_777, "Sunday, 06-Nov-94 08:49:37 GMT"),
            (784_111_777, "Sun Nov  6 08:49:37 1994"), (785_148_577, "Fri Nov 18 08:49:37 1994"),
            (784_111_777, "SUN, 06 nOV 1994 08:49:37 gmt"),
            (0, "Thursday, 01-Jan-70 00:00:00 GMT"),
            (2_544_400_878, "Thursday, 18-Aug-50 02:01:18 GMT"),
            (3_155_673_600, "Tuesday, 31-Dec-69 00:00:00 GMT"),
        ] as [(Int64, String)])
    func obsolete(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(text)?.seconds == seconds)
    }

    @Test(
        "malformed dates are nil",
        arguments: [
            "", "Sun, 06  Nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun Nov   6 08:49:37 1994", "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37", "Sunday 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Wed, 30 Feb 2000 00:00:00 GMT",
            "Sat, 29 Feb 2100 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT", "0", "-1",
        ])
    func malformed(_ text: String) {
        #expect(HTTPDate(text) == nil)
    }
}

@Suite struct NegotiationTests {
    @Test(
        "quality of a media type, RFC 9110 section 12.5.1",
        arguments: [
            (nil, 1_000), ("", 1_000), ("*/*", 1_000), ("text/html", 1_000), ("TEXT/HTML", 1_000),
            ("text/*;q=0.5", 500), ("text/html;q=0", 0), ("*/*, text/html;q=0.1", 100),
            ("text/*;q=0.3, */*;q=0.7", 300), ("application/json", 0), ("text/html; q=0.123", 123),
            ("text/html ; Q=1.000", 1_000), ("text/html;level=1;q=0.4", 400),
            ("text/html;q=2, */*;q=0.2", 200),
            ("text/html;q=1.001, */*;q=0.2", 200), ("text/html;q=0.1234, */*;q=0.2", 200),
            ("text/html;q=x, */*;q=0.2", 200), (",,text/html", 1_000),
            ("a b, text/html;q=0.9", 900),
        ] as [(String?, Int)])
    func accept(_ text: String?, _ quality: Int) {
        #expect(Accept(text).quality(of: "text/html") == quality)
    }

    @Test(
        "content coding, RFC 9110 section 12.5.3",
        arguments: [
            (nil, .identity), ("", .identity), ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip),
            ("*", .gzip), ("gzip;q=0", .identity), ("gzip;q=0, *", .identity),
            ("identity", .identity),
            ("deflate, gzip;q=0.1", .gzip), ("br", .identity), ("*;q=0", .identity),
            ("gzipped", .identity),
        ] as [(String?, ContentCoding)])
    func coding(_ text: String?, _ coding: ContentCoding) {
        #expect(ContentCoding.preferred(text) == coding)
    }

    @Test("a field of a million members is read in bounded time and memory")
    func long() {
        let list = QualityList(String(repeating: "a/b,", count: 1_000_000))
        #expect(list.members.count == 64)
    }
}

@Suite struct PercentEncodingTests {
    @Test(
        arguments: [
            ("abc", "abc"), ("%41%62", "Ab"), ("%2f", "/"), ("a%20b", "a b"), ("%", nil),
            ("%4", nil),
            ("%4g", nil), ("%%41", nil), ("a+b", "a+b"), ("", ""),
        ] as [(String, String?)])
    func decoding(_ text: String, _ expected: String?) {
        let decoded = PercentEncoding.decoded(text.utf8)
        #expect(decoded.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test(arguments: [
        ("abc-._~", "abc-._~"), ("a b", "a%20b"), ("a+b", "a%2Bb"), ("a/b", "a%2Fb"),
        ("\u{E9}", "%C3%A9"),
        ("@", "%40"), ("%", "%25"),
    ])
    func encoding(_ text: String, _ expected: String) {
        let encoded = PercentEncoding.encodedSegment(text)
        #expect(encoded == expected)
        #expect(PercentEncoding.decoded(encoded.utf8) == Array(text.utf8))
    }

    @Test func keptAndEscapes() {
        #expect(PercentEncoding.encodedSegment("@a/b", keeping: "@/") == "@a/b")
        #expect(PercentEncoding.hasEscape(Array("a%2f".utf8)))
        #expect(!PercentEncoding.hasEscape(Array("a%2".utf8)))
        #expect(!PercentEncoding.hasEscape(Array("%zz%".utf8)))
    }
}

@Suite struct ConditionalRequestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var noneMatch: String?
        var modifiedSince: String?
        let isNotModified: Bool
    }

    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let rows: [Row] = [
        Row(testDescription: "nothing asked", isNotModified: false),
        Row(testDescription: "same tag", noneMatch: "\"a\"", isNotModified: true),
        Row(testDescription: "weak form of the tag", noneMatch: "W/\"a\"", isNotModified: true),
        Row(testDescription: "star", noneMatch: "*", isNotModified: true),
        Row(testDescription: "other tag", noneMatch: "\"b\"", isNotModified: false),
        Row(
            testDescription: "other tag beats the date", noneMatch: "\"b\"", modifiedSince: date,
            isNotModified: false),
        Row(testDescription: "same date", modifiedSince: date, isNotModified: true),
        Row(
            testDescription: "earlier date", modifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT",
            isNotModified: false),
        Row(testDescription: "bad date", modifiedSince: "yesterday", isNotModified: false),
    ]

    @Test("preconditions, RFC 9110 section 13.2.2", arguments: rows)
    func precondition(_ row: Row) throws {
        var head = RequestHead(method: .get, target: try RequestTarget("/".utf8))
        head.ifNoneMatch = row.noneMatch
        head.ifModifiedSince = row.modifiedSince
        let result = head.precondition(
            tag: EntityTag(strong: "a"), lastModified: HTTPDate(Self.date))
        #expect(result == (row.isNotModified ? .notModified : .proceed))
    }

    @Test(
        "If-Range, RFC 9110 section 13.1.5",
        arguments: [
            (nil, true), ("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), (date, true),
            ("Sun, 06 Nov 1994 08:49:38 GMT", false), ("junk", false),
        ] as [(String?, Bool)])
    func ifRange(_ text: String?, _ applies: Bool) throws {
        var head = RequestHead(method: .get, target: try RequestTarget("/".utf8))
        head.range = "bytes=0-1"
        head.ifRange = text
        let tag = EntityTag(strong: "a")
        let range = head.applicableRange(tag: tag, lastModified: HTTPDate(Self.date))
        #expect((range != nil) == applies)
        head.method = .head
        #expect(head.applicableRange(tag: tag, lastModified: nil) == nil)
    }
}
