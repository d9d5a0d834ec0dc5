import Backends
import Digests
import Ecosystems
import HTTPModel
import LockFiles
import Synchronization
import Testing
import Upkeep

@testable import Warming

/// A server that has fixed answers by path.
private final class FixedServer: UpstreamClient {
    struct Answer: Sendable {
        var status = 200
        var cache = "larder; hit"
        var body = ""
    }

    private let answers: Mutex<[String: [Answer]]>
    let asked = Mutex<[String]>([])

    init(_ answers: [String: [Answer]]) {
        self.answers = Mutex(answers)
    }

    func fetch(_ request: UpstreamRequest) async throws(UpstreamError) -> UpstreamResponse {
        asked.withLock { $0.append(request.url.path) }
        let answer = answers.withLock { answers -> Answer in
            guard var left = answers[request.url.path], let first = left.first else {
                return Answer(status: 404, cache: "larder; fwd=uri-miss; fwd-status=404")
            }
            // The last one stays.
            if left.count > 1 { left.removeFirst() }
            answers[request.url.path] = left
            return first
        }
        return UpstreamResponse(
            status: answer.status, headers: Headers([("Cache-Status", answer.cache)]),
            url: request.url, byteCount: nil, body: FixedBody(Array(answer.body.utf8)))
    }
}

private final class FixedBody: UpstreamBody {
    private let rest: Mutex<[UInt8]?>

    init(_ bytes: [UInt8]) {
        rest = Mutex(bytes)
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        rest.withLock { rest in
            defer { rest = nil }
            return rest
        }
    }

    func cancel() {}
}

@Suite struct WarmingTests {
    private static func sha256(_ text: String) throws -> Digest {
        try Digest.of(Array(text.utf8).span, .sha256)
    }

    private static func server() throws -> WarmServer {
        WarmServer(base: try #require(AbsoluteURL("http://cache.example:8080")))
    }

    private static func warm(
        _ packages: [LockedPackage], _ client: FixedServer
    ) async throws -> WarmReport {
        let run = WarmRun(
            client: client, server: try server(), credential: nil, concurrency: 3,
            watch: UpkeepWatch(), arrived: { _ in }, pause: { _ in })
        return await run.run(packages)
    }

    private static func page(_ files: [(name: String, body: String)]) throws -> FixedServer.Answer {
        let rows = try files.map { name, body in
            """
            {"filename":"\(name)","url":"../../packages/\(name)","size":\(body.utf8.count),
            "hashes":{"sha256":"\(try sha256(body).hex)"},"core-metadata":\(name.hasSuffix("whl"))}
            """
        }
        return .init(body: "{\"files\":[\(rows.joined(separator: ","))]}")
    }

    @Test("named files with their metadata; what was there, fetched, missing and wrong")
    func python() async throws {
        let names = ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz", "a-2.0.tar.gz"]
        let client = FixedServer([
            "/pypi/simple/a/": [try Self.page(names.map { ($0, $0) })],
            "/pypi/packages/a-1.0-py3-none-any.whl": [.init(body: names[0])],
            "/pypi/packages/a-1.0-py3-none-any.whl.metadata": [.init(body: "metadata")],
            "/pypi/packages/a-1.0.tar.gz": [
                .init(status: 503), .init(cache: "larder; fwd=uri-miss; stored", body: names[1]),
            ],
            "/pypi/packages/a-2.0.tar.gz": [.init(body: "other bytes")],
        ])
        let files = try (names + ["a-3.0.tar.gz"]).map { name in
            LockedFile(name: name, digests: [try Self.sha256(name)])
        }
        let report = try await Self.warm(
            [LockedPackage(.pypi, "A", version: "1.0", files: files)], client)
        #expect(report.stored.count == 2)
        #expect(report.fetched == WarmReport.Count(count: 1, byteCount: names[1].utf8.count))
        #expect(
            Set(report.failures) == [
                .init(title: "a-3.0.tar.gz", reason: "is not listed"),
                .init(title: "a-2.0.tar.gz", reason: "the bytes are not those of the lock"),
            ])
        #expect(!report.isGood)
    }

    @Test("files by their digests, or by their version where a lock has none")
    func choice() async throws {
        let bodies = ["one", "two", "three"]
        let names = ["a.b-1.0-py3-none-any.whl", "a_b-1.0.0.tar.gz", "a-b-1.0.1.zip"]
        let client = FixedServer([
            "/pypi/simple/a-b/": [try Self.page(Array(zip(names, bodies)))]
        ])
        let answer = try await client.fetch(
            UpstreamRequest(
                url: try #require(AbsoluteURL("http://cache.example:8080/pypi/simple/a-b/")),
                policy: UpstreamPolicy(home: .nowhere),
                limits: TransferLimits(total: .seconds(1), bodyBytes: 1)))
        let bytes = try #require(try await answer.body.next())
        let listing = try #require(
            Listing(bytes, of: .pypi, at: answer.url, on: try Self.server(), names: ["a-b"]))
        func titles(_ package: LockedPackage) -> [String] {
            listing.choice(for: package).transfers.map(\.title)
        }
        let digests = [try Self.sha256("three"), try Self.sha256("gone")]
        #expect(
            titles(LockedPackage(.pypi, "a.b", version: "1.0.1", digests: digests)) == [names[2]])
        #expect(
            titles(LockedPackage(.pypi, "a.b", version: "1.0"))
                == [names[0], names[0] + ".metadata", names[1]])
        let failed = listing.choice(
            for: LockedPackage(.pypi, "a.b", version: "1.0", digests: [try Self.sha256("x")]))
        #expect(failed.transfers.isEmpty)
        #expect(failed.failures.map(\.reason) == ["no listed file has a digest of the lock"])
    }

    @Test("npm's tarballs and Helm's charts are found where the server says")
    func others() async throws {
        let client = FixedServer([
            "/npm/@scope%2Fthing": [
                .init(
                    body: """
                        {"versions":{"1.0.0":{"dist":{"tarball":
                        "https://public.example/cache/npm/@scope/thing/-/thing-1.0.0.tgz"}},
                        "2.0.0":{"dist":{}}}}
                        """)
            ],
            "/npm/@scope/thing/-/thing-1.0.0.tgz": [.init(body: "tarball")],
            "/helm/acme/index.yaml": [
                .init(
                    body: """
                        {"entries":{"other":[{"version":"1.0.0"}],"web":[
                        {"version":"1.9.0","urls":["web-1.9.0.tgz"]},
                        {"version":"1.10.0","urls":["web-1.10.0.tgz"]},
                        {"version":"2.0.0-rc.1","urls":["web-2.0.0-rc.1.tgz"]}]}}
                        """)
            ],
            "/helm/acme/web-1.10.0.tgz": [.init(body: "chart")],
        ])
        let report = try await Self.warm(
            [
                LockedPackage(.npm, "@scope/thing", version: "1.0.0"),
                LockedPackage(.npm, "@scope/thing", version: "2.0.0"),
                LockedPackage(
                    .helm, "web", version: ">=1.2", source: "http://cache.example:8080/helm/acme"),
            ], client)
        #expect(report.stored.count == 2)
        #expect(
            report.failures == [.init(title: "@scope/thing 2.0.0", reason: "is not listed")])
        // One document for both of its versions.
        #expect(client.asked.withLock { $0.count } == 4)
    }

    struct Range: Sendable, CustomTestStringConvertible {
        let text: String
        let inside: [String]
        let outside: [String]
        var testDescription: String { text }
    }

    static let ranges: [Range] = [
        Range(
            text: "^1.2.3", inside: ["1.2.3", "1.9.0"], outside: ["1.2.2", "2.0.0", "1.3.0-rc"]),
        Range(text: "^0.2.3", inside: ["0.2.4"], outside: ["0.3.0"]),
        Range(text: "~1.2", inside: ["1.2.0", "1.2.9"], outside: ["1.3.0"]),
        Range(text: "~1", inside: ["1.9.0"], outside: ["2.0.0"]),
        Range(text: "1.x", inside: ["1.0.0", "1.9.9"], outside: ["2.0.0"]),
        Range(text: "*", inside: ["0.0.1", "9.0.0"], outside: ["1.0.0-a"]),
        Range(text: ">= 1.0, < 2.0", inside: ["1.0.0"], outside: ["2.0.0", "0.9.0"]),
        Range(text: "1.1 - 1.3", inside: ["1.1.0", "1.3.9"], outside: ["1.4.0"]),
        Range(text: "1.0.0 || >3", inside: ["1.0.0", "4.0.0"], outside: ["1.0.1", "3.5.0"]),
        Range(text: "!=1.2.3", inside: ["1.2.4"], outside: ["1.2.3"]),
        Range(text: ">=1.0.0-0", inside: ["1.0.0-rc.1", "2.0.0"], outside: ["0.9.0"]),
        Range(text: "^1.0.0-0", inside: ["1.5.0-rc.1"], outside: ["2.0.0-rc.1"]),
        Range(text: "=>1.0, =<1.2", inside: ["1.2.9"], outside: ["1.3.0"]),
        Range(text: "v1.2.3", inside: ["1.2.3", "v1.2.3+build"], outside: ["1.2.4"]),
    ]

    @Test("ranges of charts' versions", arguments: ranges)
    func range(_ row: Range) throws {
        let range = try #require(VersionRange(row.text))
        for text in row.inside {
            #expect(range.contains(try #require(SemanticVersion(text))), "\(text)")
        }
        for text in row.outside {
            #expect(!range.contains(try #require(SemanticVersion(text))), "\(text)")
        }
    }

    @Test(
        "what is no range", arguments: ["", "abc", "1.2.3.4", "^", ">", "1.0 || x.y.z.w", "=>a"])
    func noRange(_ text: String) {
        #expect(VersionRange(text) == nil)
    }

    @Test("sources lead to further indexes and repositories")
    func sources() throws {
        var server = try Self.server()
        server.indexes[try #require(AbsoluteURL("https://index.example/acme/simple/"))] = "acme"
        server.repositories[try #require(AbsoluteURL("https://charts.example/acme"))] = "charts"
        func path(_ ecosystem: LockedPackage.Ecosystem, _ source: String?) -> String? {
            server.document(
                of: LockedPackage(ecosystem, "x", version: "1", source: source))?.path
        }
        #expect(path(.pypi, nil) == "/pypi/simple/x/")
        #expect(
            path(.pypi, "https://user:word@index.example/acme/simple") == "/pypi/acme/simple/x/")
        #expect(path(.pypi, "http://other.example/pypi/mine/simple/") == "/pypi/mine/simple/x/")
        #expect(path(.pypi, "http://other.example/pypi/simple/") == "/pypi/simple/x/")
        #expect(path(.helm, "https://charts.example/acme/") == "/helm/charts/index.yaml")
        #expect(path(.helm, "http://cache.example:8080/helm/one") == "/helm/one/index.yaml")
        #expect(path(.helm, "https://unknown.example/") == "/helm/index.yaml")
        let hostile = LockedPackage(.npm, "../../metrics?", version: "1")
        #expect(server.document(of: hostile)?.path == "/npm/..%2F..%2Fmetrics%3F")
    }
}
