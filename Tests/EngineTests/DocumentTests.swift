import Backends
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct DocumentTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let line = TestFile("p/a.whl", byteCount: 3).line()

    private func bench(_ scripts: FakeUpstream.Script) -> Bench {
        let bench = Bench()
        bench.upstream.set(Self.url, scripts)
        return bench
    }

    @Test("fresh for its lifetime, counting down, with a tag of the bytes sent")
    func fresh() async throws {
        try await Bench.run(bench(document(Self.line))) { bench in
            let cold = try await bench.get("/t/doc/p")
            #expect(cold.text == "rendered ok\n\(Self.line)")
            #expect(cold.field("Cache-Control") == "public, max-age=300")
            #expect(cold.field("Vary") == "Accept, Accept-Encoding")
            #expect(cold.field("Age") == nil)
            bench.time.advance(seconds: 100)
            let warm = try await bench.get("/t/doc/p")
            #expect(warm.field("Cache-Control") == "public, max-age=200")
            #expect(warm.field("ETag") == cold.field("ETag"))
            #expect(warm.field("Cache-Status") == "larder; hit; ttl=200")
            let same = try await bench.get("/t/doc/p") { $0.ifNoneMatch = cold.field("ETag") }
            #expect(same.status == 304)
            #expect(same.body.isEmpty)
            #expect(same.field("ETag") == cold.field("ETag"))
            #expect(same.field("Cache-Control") != nil && same.field("Vary") != nil)
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test("gzip and identity are different bytes with different tags")
    func codings() async throws {
        let lines = (0..<200).map { TestFile("p/\($0).whl", byteCount: 3).line() }
        let script = FakeUpstream.Script(
            pieces: [Array((["ok"] + lines).joined(separator: "\n").utf8)])
        try await Bench.run(bench(script)) { bench in
            let plain = try await bench.get("/t/doc/p")
            let coded = try await bench.get("/t/doc/p") { $0.acceptEncoding = "br, gzip;q=0.5" }
            #expect(coded.field("Content-Encoding") == "gzip")
            #expect(coded.body.prefix(2) == [0x1F, 0x8B])
            #expect(coded.body.count < plain.body.count / 2)
            #expect(coded.field("ETag") != plain.field("ETag"))
            let refused = try await bench.get("/t/doc/p") { $0.acceptEncoding = "gzip;q=0" }
            #expect(refused.body == plain.body)
        }
    }

    @Test("a 304 renews what is stored; our tag stays")
    func validated() async throws {
        var script = document(Self.line)
        script.tag = "\"v1\""
        try await Bench.run(bench(script)) { bench in
            let cold = try await bench.get("/t/doc/p")
            bench.time.advance(seconds: 301)
            let renewed = try await bench.get("/t/doc/p")
            #expect(bench.upstream.requests(of: Self.url).last?.ifNoneMatch == "\"v1\"")
            #expect(renewed.field("ETag") == cold.field("ETag"))
            #expect(renewed.field("Cache-Control") == "public, max-age=300")
            #expect(renewed.field("Cache-Status")?.contains("fwd=stale") == true)
            _ = try await bench.get("/t/doc/p")
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("a changed document replaces the old one and changes the tag")
    func changed() async throws {
        try await Bench.run(bench(document(Self.line))) { bench in
            let old = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, document(TestFile("p/b.whl", byteCount: 9).line()))
            bench.time.advance(seconds: 301)
            let new = try await bench.get("/t/doc/p")
            #expect(new.text.contains("b.whl"))
            #expect(new.field("ETag") != old.field("ETag"))
        }
    }

    struct FailureRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
        /// Without a stored copy.
        let status: Int
        var hasRetryAfter = false
        /// How a stale copy is marked.
        var detail = "stale-if-error"
        /// How many tries a client without a copy costs.
        var tries = 1
    }

    static let failures: [FailureRow] = [
        .init(
            testDescription: "unreachable", script: .init(failure: .unreachable(code: 7)),
            status: 503, hasRetryAfter: true, tries: 3),
        .init(
            testDescription: "no answer in time", script: .init(failure: .timedOut(.head)),
            status: 503, hasRetryAfter: true),
        .init(testDescription: "500", script: .init(status: 500), status: 502, tries: 3),
        .init(
            testDescription: "503 with a long Retry-After",
            script: .init(status: 503, headers: [("Retry-After", "60")]), status: 503,
            hasRetryAfter: true),
        .init(
            testDescription: "429", script: .init(status: 429), status: 503, hasRetryAfter: true,
            tries: 3),
        .init(testDescription: "401 is never passed on", script: .init(status: 401), status: 403),
        .init(testDescription: "403", script: .init(status: 403), status: 403),
        .init(
            testDescription: "a login page with 200",
            script: .init(pieces: [Array("<html>log in</html>".utf8)]), status: 502,
            detail: "held-back"),
        .init(
            testDescription: "broken off",
            script: .init(pieces: [Array("ok\n".utf8)], byteCount: 99, ending: .truncated),
            status: 502),
        .init(testDescription: "304 unasked", script: .init(status: 304), status: 502),
        .init(
            testDescription: "a redirect that is not allowed",
            script: .init(failure: .redirectRefused), status: 502),
    ]

    @Test(
        "a failing upstream: an error without a copy, the stale copy with one", arguments: failures)
    func failing(_ row: FailureRow) async throws {
        try await Bench.run(bench(row.script)) { bench in
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == row.status)
            #expect((got.field("Retry-After") != nil) == row.hasRetryAfter)
            #expect(got.text.contains("upstream test"))
            #expect(got.status != 504 && got.status != 404)
            #expect(bench.upstream.requestCount == row.tries)
        }
        try await Bench.run(bench(document(Self.line))) { bench in
            let fresh = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, row.script)
            bench.time.advance(seconds: 301)
            let stale = try await bench.get("/t/doc/p")
            #expect(stale.status == 200)
            #expect(stale.body == fresh.body)
            #expect(stale.field("ETag") == fresh.field("ETag"))
            #expect(stale.field("Cache-Control") == "public, max-age=0")
            #expect(stale.field("Cache-Status")?.contains("detail=\(row.detail)") == true)
            #expect(bench.upstream.requestCount == 2, "one try with a copy at hand")
        }
    }

    @Test("a hanging upstream: stale after the budget, then at once, with a probe now and then")
    func hanging() async throws {
        let gate = Gate()
        try await Bench.run(bench(document(Self.line))) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, .init(gate: gate))
            bench.time.advance(seconds: 301)
            let late = try await bench.get("/t/doc/p", patience: .none)
            #expect(late.status == 200)
            #expect(late.field("Cache-Control") == "public, max-age=0")
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            for _ in 0..<20 {
                let next = try await bench.get("/t/doc/p", patience: .none)
                #expect(next.status == 200)
                #expect(next.rounds == 0, "nobody waits during an outage")
            }
            await gate.arrivals(1)
            #expect(bench.upstream.requestCount == 2)
            gate.open()
        }
    }

    @Test("the outage ends with the first good answer to a probe")
    func recovers() async throws {
        let gate = Gate()
        let second = document(Self.line, gate: gate)
        try await Bench.run(bench(document(Self.line))) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, second)
            bench.time.advance(seconds: 301)
            _ = try await bench.get("/t/doc/p", patience: .none)
            gate.open()
            await bench.idle()
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
            let fresh = try await bench.get("/t/doc/p")
            #expect(fresh.field("Cache-Control") == "public, max-age=300")
        }
    }

    @Test("404 names the upstream and is remembered for its lifetime only")
    func negative() async throws {
        try await Bench.run(bench(.init(status: 404))) { bench in
            let absent = try await bench.get("/t/doc/p")
            #expect(absent.status == 404)
            #expect(absent.text.contains("upstream test") && absent.text.contains("404"))
            bench.time.advance(seconds: 29)
            #expect(try await bench.get("/t/doc/p").status == 404)
            #expect(bench.upstream.requestCount == 1)
            bench.upstream.set(Self.url, document(Self.line))
            bench.time.advance(seconds: 1)
            #expect(try await bench.get("/t/doc/p").status == 200)
        }
    }

    @Test(
        "withdrawn: an old project is kept and marked, a young one refused",
        arguments: [true, false])
    func withdrawn(_ isOld: Bool) async throws {
        let published: Int64 = isOld ? 0 : 999_000
        let line = TestFile("p/a.whl", byteCount: 3).line(published: published)
        let bench = bench(document(line))
        if isOld { bench.time.advance(seconds: 31 * 86_400) }
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, .init(status: 404))
            bench.time.advance(seconds: 301)
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == (isOld ? 200 : 404))
            if isOld { #expect(got.field("Cache-Status")?.contains("withdrawn") == true) }
        }
    }

    @Test("no-cache asks the upstream again, but not every moment")
    func refresh() async throws {
        try await Bench.run(bench(document(Self.line))) { bench in
            _ = try await bench.get("/t/doc/p")
            _ = try await bench.get("/t/doc/p") { $0.asksForRefresh = true }
            #expect(bench.upstream.requestCount == 1)
            bench.time.advance(seconds: 5)
            _ = try await bench.get("/t/doc/p") { $0.asksForRefresh = true }
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("a hundred requests for a cold document are one fetch and one rendering")
    func collapsed() async throws {
        try await Bench.run(bench(document(Self.line))) { bench in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await bench.get("/t/doc/p").status } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(bench.upstream.requestCount == 1)
            #expect(bench.observer.counts.withLock { $0.renderings } == 1)
        }
    }

    @Test("after a restart a fresh document is a hit, rendering and all")
    func restart() async throws {
        let first = bench(document(Self.line))
        try await Bench.run(first) { _ = try await $0.get("/t/doc/p") }
        try await Bench.run(Bench(restarting: first)) { bench in
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == 200)
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("a lost raw document is fetched anew, rule I8")
    func lostBlobs() async throws {
        let first = bench(document(Self.line))
        try await Bench.run(first) { _ = try await $0.get("/t/doc/p") }
        let next = Bench(restarting: first)
        next.upstream.set(Self.url, document(Self.line))
        for row in try await first.metadata.rows(after: nil, limit: 10).rows {
            try await first.blobs.delete(row.response.body)
        }
        try await Bench.run(next) { bench in
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == 200)
            #expect(bench.upstream.requestCount == 1)
        }
    }
}
