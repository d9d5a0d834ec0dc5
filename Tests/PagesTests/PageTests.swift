import HTTPModel
import Testing

@testable import Pages

@Suite struct PageTests {
    static let hostile = "\"><script>alert('x')</script>\u{202E}"

    static let frame = PageFrame(base: "http://cache.example/at", version: "1.0")

    /// Every page with hostile text wherever an upstream, a client or an operator may have put some.
    static let pages: [(name: String, page: Page)] = {
        let name = PackageName(ecosystem: "pypi", name: hostile)
        let package = Landing.Package(
            name: name, version: hostile, fileCount: 1, byteCount: 2, storedAt: 3)
        var landing = Landing(now: 1_800_000_000)
        landing.upstreams = [
            .init(
                label: hostile, state: .fails(since: 1_799_990_000, servedCount: 3),
                outages: [.init(begin: 1_799_990_000, end: 1_800_000_000)]),
            .init(label: hostile, state: .isCutOff, outages: []),
        ]
        landing.newest = [package]
        landing.largest = [package]
        landing.heldBack = [hostile]
        landing.heldBackCount = 1
        landing.policy = hostile
        var file = PackageContents.File(
            version: hostile, name: hostile, byteCount: 1, digest: hostile, fetchedAt: 1,
            usedAt: 2, upstream: hostile, location: hostile)
        file.verdict = hostile
        let results = SearchResults(query: hostile, packages: [package], hasMore: false, now: 4)
        let contents = PackageContents(name: name, files: [file], hasMore: false, now: 4)
        return [
            ("landing", frame.page(landing)), ("search", frame.page(results)),
            ("package", frame.page(contents)),
            ("error", ErrorPage(502, hostile, at: .upstream, advice: hostile).page),
        ]
    }()

    @Test("nothing that others wrote becomes markup", arguments: pages.map(\.name))
    func hostileText(_ name: String) throws {
        let page = try #require(Self.pages.first { $0.name == name }?.page)
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(!text.contains("<script") && !text.contains("\u{202E}"))
        #expect(text.contains("&lt;script&gt;"))
        // Attributes stay closed: no page of ours has a quote after a quote.
        #expect(!text.contains("\"\">"))
    }

    @Test("a page may ask nobody but this server, and run nothing", arguments: pages.map(\.name))
    func policy(_ name: String) throws {
        let page = try #require(Self.pages.first { $0.name == name }?.page)
        #expect(page.fields.contains("Content-Security-Policy: default-src 'none'; "))
        #expect(!page.fields.contains("unsafe") && !page.fields.contains("script-src"))
        #expect(page.fields.contains("frame-ancestors 'none'"))
        #expect(page.fields.contains("Referrer-Policy: no-referrer"))
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(!text.contains(" style=") && !text.contains("http://cache.example/at/at"))
    }

    @Test("links stay below the path of the public URL")
    func prefix() throws {
        let text = String(decoding: try #require(Self.pages.first).page.bytes, as: UTF8.self)
        #expect(text.contains("href=\"/at\(Stylesheet.path)\""))
        #expect(text.contains("action=\"/at/-/search\""))
        #expect(
            text.contains("pip config set global.index-url http://cache.example/at/pypi/simple/"))
        // pip does not trust a host without TLS unless it is told to.
        #expect(text.contains("global.trusted-host cache.example"))
    }

    struct PlaceRow: Sendable, CustomTestStringConvertible {
        let target: String
        let place: OwnPaths.Place?
        var testDescription: String { target }
    }

    static let places: [PlaceRow] = [
        PlaceRow(target: "/", place: .front),
        PlaceRow(target: "/-/search", place: .search("")),
        PlaceRow(target: "/-/search?x=1&q=a+b%20c", place: .search("a b c")),
        PlaceRow(target: "/-/search?q=%FF", place: .search("")),
        PlaceRow(
            target: "/-/search?q=" + String(repeating: "a", count: 300),
            place: .search(String(repeating: "a", count: 100))),
        PlaceRow(
            target: "/-/packages/npm/@babel/core",
            place: .package(PackageName(ecosystem: "npm", name: "@babel/core"))),
        PlaceRow(target: "/-/packages/npm", place: .nothing),
        PlaceRow(target: "/-/packages/npm/a/b/c", place: .nothing),
        PlaceRow(target: "/-/assets/other.css", place: .nothing),
        PlaceRow(target: Stylesheet.path, place: .stylesheet),
        // npm's, at the root for some clients.
        PlaceRow(target: "/-/npm/v1/attestations/x@1.0.0", place: nil),
        PlaceRow(target: "/-", place: nil),
        PlaceRow(target: "/npm/-/search", place: nil),
    ]

    @Test("the paths of pages", arguments: places)
    func place(_ row: PlaceRow) throws {
        #expect(OwnPaths.place(try RequestTarget(Array(row.target.utf8))) == row.place)
    }

    @Test("a package's path leads to its page")
    func roundTrip() throws {
        for name in ["requests", "@babel/core", "a+b", "wéb"] {
            let package = PackageName(ecosystem: "npm", name: name)
            let target = try RequestTarget(Array(OwnPaths.path(of: package).utf8))
            #expect(OwnPaths.place(target) == .package(package))
        }
    }

    struct WordRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let expected: String
    }

    static let words: [WordRow] = [
        WordRow(testDescription: "a count", text: Wording.count(1_234_567), expected: "1,234,567"),
        WordRow(testDescription: "a small count", text: Wording.count(999), expected: "999"),
        WordRow(testDescription: "bytes", text: Wording.bytes(1_023), expected: "1.00 KiB"),
        WordRow(testDescription: "few bytes", text: Wording.bytes(312), expected: "312 B"),
        WordRow(
            testDescription: "many bytes", text: Wording.bytes(1_525_000_000), expected: "1.42 GiB"),
        WordRow(testDescription: "all", text: Wording.percent(7, of: 7), expected: "100 %"),
        WordRow(
            testDescription: "all but one", text: Wording.percent(99_999, of: 100_000),
            expected: "99.9 %"),
        WordRow(testDescription: "of nothing", text: Wording.percent(0, of: 0), expected: "–"),
        WordRow(
            testDescription: "a moment", text: Wording.moment(1_795_438_000),
            expected: "23 Nov 2026, 12:46 UTC"),
        WordRow(
            testDescription: "a long time", text: Wording.duration(seconds: 90_061),
            expected: "1 d 1 h"),
    ]

    @Test("numbers, sizes and times", arguments: words)
    func wording(_ row: WordRow) {
        #expect(row.text == row.expected)
    }

    @Test("outages that overlap count once, and each on its day")
    func failingSeconds() {
        let day: Int64 = 20_000
        let start = day * 86_400
        let spans = [
            OutageStrip.Span(begin: start - 100, end: start + 50),
            OutageStrip.Span(begin: start - 50, end: start + 20),
            OutageStrip.Span(begin: start - 90 * 86_400, end: start - 29 * 86_400 + 10),
            OutageStrip.Span(begin: start + 60, end: start + 60),
        ]
        let seconds = OutageStrip.failingSeconds(spans, lastDay: day)
        #expect(seconds.count == OutageStrip.dayCount)
        #expect(seconds.suffix(2) == [100, 50])
        #expect(seconds.first == 10)
        #expect(seconds.reduce(0, +) == 160)
    }
}
