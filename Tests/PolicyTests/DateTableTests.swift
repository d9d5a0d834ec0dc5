import Ecosystems
import HTTPModel
import NPM
import Policy
import PyPI
import Testing

/// M-6: what registries say of time may be anything; what is no date that can be true hides.
@Suite struct DateTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The JSON of the value; nil for no member at all.
        let npm: String?
        let isShown: Bool
        /// The same for PyPI, whose times may have an offset.
        var isShownByPyPI: Bool?
    }

    private static let now = PolicyTime.date("2026-11-23T12:00:00Z") ?? 0

    static let rows: [Row] = [
        .init(testDescription: "usual", npm: "\"2020-10-10T12:34:56.789Z\"", isShown: true),
        .init(testDescription: "no fraction", npm: "\"2020-10-10T12:34:56Z\"", isShown: true),
        .init(testDescription: "missing", npm: nil, isShown: false),
        .init(testDescription: "null", npm: "null", isShown: false),
        .init(testDescription: "number", npm: "1602333296", isShown: false),
        .init(testDescription: "object", npm: "{}", isShown: false),
        .init(testDescription: "empty", npm: "\"\"", isShown: false),
        .init(testDescription: "future", npm: "\"2027-01-01T00:00:00.000Z\"", isShown: false),
        .init(testDescription: "far future", npm: "\"9999-12-31T23:59:59.999Z\"", isShown: false),
        .init(testDescription: "1970", npm: "\"1970-01-01T00:00:00.000Z\"", isShown: false),
        .init(testDescription: "too young", npm: "\"2026-11-20T00:00:00.000Z\"", isShown: false),
        .init(
            testDescription: "a leap second", npm: "\"2016-12-31T23:59:60.000Z\"", isShown: true),
        .init(testDescription: "no zone", npm: "\"2020-10-10T12:34:56.789\"", isShown: false),
        .init(
            testDescription: "an offset", npm: "\"2020-10-10T12:34:56.789+02:00\"",
            isShown: false, isShownByPyPI: true),
        .init(
            testDescription: "an offset that makes it young",
            npm: "\"2026-11-16T13:00:00.000-01:00\"", isShown: false),
        .init(testDescription: "a date alone", npm: "\"2020-10-10\"", isShown: false),
        .init(
            testDescription: "another format", npm: "\"Sat, 10 Oct 2020 12:34:56 GMT\"",
            isShown: false),
        .init(testDescription: "no such day", npm: "\"2020-02-30T00:00:00.000Z\"", isShown: false),
        .init(
            testDescription: "no such month", npm: "\"2020-13-01T00:00:00.000Z\"", isShown: false),
    ]

    private static func judge(_ ecosystem: String) throws -> (Release) -> ReleaseVerdict {
        let book = try Sample.book("minimum_age: {npm: 7d, pypi: 7d}")
        return { release in
            let known = KnownRelease(version: release.version, publishedAt: release.publishedAt)
            let ruling = book.rules(for: release.package, of: ecosystem)?
                .ruling(on: known, at: now)
            return ruling?.verdict == .allowed ? .shown : .hidden
        }
    }

    @Test("M-6: npm's time", arguments: rows)
    func npm(_ row: Row) throws {
        let time = row.npm.map { ",\"2.0.0\":\($0)" } ?? ""
        let packument = """
            {"name":"n","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{},"2.0.0":{}},\
            "time":{"1.0.0":"2020-01-01T00:00:00.000Z"\(time)}}
            """
        let text = try Self.screened(packument, try #require(Self.npmAdapter), "n", "npm")
        #expect(text?.contains("\"2.0.0\":{}") == row.isShown)
        #expect(text?.contains("\"latest\":\"2.0.0\"") == row.isShown)
        #expect(text?.contains("\"latest\":\"1.0.0\"") == !row.isShown)
        #expect(text?.contains("\"1.0.0\":{}") == true)
    }

    @Test("M-6: PyPI's upload-time, of one file among others", arguments: rows)
    func pypi(_ row: Row) throws {
        let time = row.npm.map { ",\"upload-time\":\($0)" } ?? ""
        func file(_ name: String, _ more: String) -> String {
            "{\"filename\":\"\(name)\",\"url\":\"https://files.example/packages/\(name)\","
                + "\"hashes\":{}\(more)}"
        }
        let old = file("d-1.0.tar.gz", ",\"upload-time\":\"2020-01-01T00:00:00Z\"")
        let page = """
            {"meta":{"api-version":"1.1"},"name":"d","versions":["1.0","2.0"],\
            "files":[\(old),\(file("d-2.0.tar.gz", time))]}
            """
        let adapter = try #require(Self.pypiAdapter)
        let text = try Self.screened(page, adapter, "simple/d/", "pypi")
        let isShown = row.isShownByPyPI ?? row.isShown
        #expect(text?.contains("d-2.0.tar.gz") == isShown)
        #expect(text?.contains("\"2.0\"") == isShown)
        #expect(text?.contains("d-1.0.tar.gz") == true)
    }

    private static func screened(
        _ text: String, _ adapter: any EcosystemAdapter, _ name: String, _ ecosystem: String
    ) throws -> String? {
        let url = try #require(AbsoluteURL("https://index.example/simple/d/"))
        let type = ecosystem == "npm" ? "application/json" : "application/vnd.pypi.simple.v1+json"
        let document = UpstreamDocument(
            name: name, contentType: type, url: url, bytes: Array(text.utf8))
        let screened = try adapter.screened(document, by: try judge(ecosystem))
        return screened.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private static var npmAdapter: NPMAdapter? {
        AbsoluteURL("https://registry.example/").flatMap { NPMUpstream(registry: $0) }
            .map { NPMAdapter(mount: ["npm"], upstream: $0) }
    }

    private static var pypiAdapter: PyPIAdapter? {
        AbsoluteURL("https://index.example/simple/").flatMap {
            PyPIUpstream(simple: $0, files: AbsoluteURL("https://files.example/packages/"))
        }.map { PyPIAdapter(mount: ["pypi"], upstream: $0) }
    }
}
