import Backends
import CacheRules
import Ecosystems
import Engine
import HTTPModel
import Testing

/// Documents that are passed on as they came, with the upstream's freshness.
@Suite(.timeLimit(.minutes(5))) struct PassedOnTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let path = "/s/doc/p"

    private func bench(
        _ headers: [(name: String, value: String)], tag: String? = nil,
        next: FakeUpstream.Script? = nil
    ) -> Bench {
        var adapter = LineAdapter(documentTags: .upstream)
        adapter.freshness = .upstream
        adapter.replyExtras = ReplyExtras(passed: [
            "ETag", "Last-Modified", "Cache-Control", "Expires", "Vary", "Test",
        ])
        let bench = adapter.bench()
        var script = document("a.tgz 00 1 0")
        script.headers = headers
        script.tag = tag
        bench.upstream.set(Self.url, [script] + (next.map { [$0] } ?? []))
        return bench
    }

    @Test("tag, dates and Cache-Control are the upstream's, with Age; coded for nobody")
    func fields() async throws {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        let bench = bench(
            [
                ("cache-control", "max-age=100"), ("last-modified", date), ("age", "40"),
                ("test", "1"), ("other", "2"), ("vary", "Accept-Encoding"),
            ], tag: "W/\"t\"")
        try await Bench.run(bench) { bench in
            _ = try await bench.get(Self.path)
            bench.time.advance(seconds: 59)
            let got = try await bench.get(Self.path) { $0.acceptEncoding = "gzip" }
            #expect(got.field("ETag") == "W/\"t\"" && got.field("Last-Modified") == date)
            #expect(got.field("Cache-Control") == "max-age=100" && got.field("Age") == "99")
            #expect(got.field("Test") == "1" && got.field("Other") == nil)
            #expect(got.field("Content-Encoding") == nil)
            #expect(got.field("Vary") == "Accept-Encoding")
            #expect(bench.upstream.requestCount == 1)
            let same = try await bench.get(Self.path) { $0.ifNoneMatch = "\"t\"" }
            #expect(same.status == 304 && same.field("ETag") == "W/\"t\"")
            let unchanged = try await bench.get(Self.path) { $0.ifModifiedSince = date }
            #expect(unchanged.status == 304)
            bench.time.advance(seconds: 1)
            _ = try await bench.get(Self.path)
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("parts of what is stored, and no part when If-Range names another version")
    func ranges() async throws {
        let bench = bench([("cache-control", "max-age=100")], tag: "\"t\"")
        try await Bench.run(bench) { bench in
            let whole = try await bench.get(Self.path)
            let part = try await bench.get(Self.path) { $0.range = "bytes=1-3" }
            #expect(part.status == 206 && part.body == Array(whole.body[1...3]))
            #expect(part.field("Content-Range") == "bytes 1-3/\(whole.body.count)")
            let other = try await bench.get(Self.path) {
                $0.range = "bytes=1-3"
                $0.ifRange = "\"u\""
            }
            #expect(other.status == 200 && other.body == whole.body)
            let beyond = try await bench.get(Self.path) { $0.range = "bytes=999-" }
            #expect(beyond.status == 416)
        }
    }

    @Test("a 304 renews the fields that it has, keeps the others, and ends old Age and Date")
    func renewed() async throws {
        let tag = "\"t\""
        let next = FakeUpstream.Script(
            headers: [("cache-control", "max-age=50"), ("expires", "0")], tag: tag)
        let bench = bench(
            [
                ("cache-control", "max-age=100"), ("age", "100"), ("test", "1"),
                ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ], tag: tag, next: next)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(Self.path)
            let renewed = try await bench.get(Self.path)
            #expect(bench.upstream.requests(of: Self.url).last?.ifNoneMatch == tag)
            #expect(renewed.status == 200 && renewed.field("Test") == "1")
            #expect(renewed.field("Cache-Control") == "max-age=50")
            #expect(renewed.field("Expires") == "0" && renewed.field("Age") == "0")
            bench.time.advance(seconds: 49)
            _ = try await bench.get(Self.path)
            #expect(bench.upstream.requestCount == 2)
        }
    }

    struct StaleRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let cacheControl: String
        let status: Int
    }

    static let stale: [StaleRow] = [
        .init(testDescription: "nothing said", cacheControl: "max-age=1", status: 200),
        .init(
            testDescription: "must-revalidate", cacheControl: "max-age=1, must-revalidate",
            status: 503),
        .init(testDescription: "s-maxage", cacheControl: "s-maxage=1", status: 503),
        .init(testDescription: "no-cache", cacheControl: "no-cache", status: 503),
    ]

    @Test("a stale one is for outages, unless the upstream forbids it", arguments: stale)
    func outage(_ row: StaleRow) async throws {
        let bench = bench(
            [("cache-control", row.cacheControl)],
            next: FakeUpstream.Script(failure: .unreachable(code: 7)))
        try await Bench.run(bench) { bench in
            _ = try await bench.get(Self.path)
            bench.time.advance(seconds: 2)
            #expect(try await bench.get(Self.path).status == row.status)
        }
    }

    @Test("stale-while-revalidate: nobody waits, and the next client gets the new one")
    func background() async throws {
        let control = "max-age=1, stale-while-revalidate=60"
        var next = document("b.tgz 00 1 0")
        next.headers = [("cache-control", control)]
        try await Bench.run(bench([("cache-control", control)], next: next)) { bench in
            let old = try await bench.get(Self.path)
            bench.time.advance(seconds: 2)
            let late = try await bench.get(Self.path)
            #expect(late.body == old.body)
            #expect(late.field("Cache-Status")?.contains("stale-while-revalidate") == true)
            while try await bench.get(Self.path).body == old.body { await Task.yield() }
            #expect(bench.upstream.requestCount == 2)
            bench.time.advance(seconds: 62)
            let waited = try await bench.get(Self.path)
            #expect(bench.upstream.requestCount == 3 && waited.status == 200)
        }
    }
}
