import Backends
import Engine
import HTTPModel
import Testing

/// Facts of a stored document that were made under other settings.
@Suite(.timeLimit(.minutes(5))) struct FactRulesTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let file = TestFile("p/a.whl", byteCount: 500)

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
    }

    static let rows: [Row] = [
        .init(
            testDescription: "an upstream that answers 304",
            script: {
                var script = document(file.line())
                script.tag = "\"1\""
                return script
            }()),
        .init(
            testDescription: "an upstream that answers 200 with the same tag",
            script: {
                var script = document(file.line())
                script.headers = [("etag", "\"1\"")]
                return script
            }()),
        .init(testDescription: "an upstream without tags", script: document(file.line())),
    ]

    /// The server whose document says nothing of the file, once it has the document.
    private static func before(_ script: FakeUpstream.Script) async throws -> Bench {
        let bench = Bench(adapter: { $0.hidden = ["a.whl"] })
        bench.upstream.set(url, script)
        try await Bench.run(bench) { bench in
            let page = try await bench.get("/t/doc/p")
            #expect(page.status == 200)
            #expect(try await bench.get(file.request).status == 404)
        }
        return bench
    }

    /// The same server after a restart, which lets documents tell of the file.
    private static func after(
        _ other: Bench, factsVersion: String = "test2", _ script: FakeUpstream.Script
    ) -> Bench {
        let bench = Bench(
            restarting: other, mounts: [Bench.mount { $0.factsVersion = factsVersion }])
        bench.upstream.set(url, script)
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        return bench
    }

    @Test("a file that the document now names is found at once", arguments: rows)
    func artifact(_ row: Row) async throws {
        let old = try await Self.before(row.script)
        try await Bench.run(Self.after(old, row.script)) { bench in
            #expect(try await bench.get("/t/doc/p").field("Cache-Status") == "larder; hit; ttl=300")
            #expect(bench.upstream.requestCount == 0)
            let got = try await bench.get(Self.file.request)
            #expect(got.status == 200 && got.body == Self.file.bytes)
            let requests = bench.upstream.requests(of: Self.url)
            #expect(requests.count == 1 && requests[0].ifNoneMatch == nil)
            // From then on it is validated as ever, and a file of no document is not asked for.
            #expect(try await bench.get("/t/file/p/b.whl").status == 404)
            #expect(bench.upstream.requests(of: Self.url).count == 1)
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/t/doc/p").status == 200)
            let tag = row.script.tag ?? row.script.headers.first?.value
            #expect(bench.upstream.requests(of: Self.url).last?.ifNoneMatch == tag)
        }
    }

    @Test("the next validation of the document makes the facts", arguments: rows)
    func validation(_ row: Row) async throws {
        let old = try await Self.before(row.script)
        let bench = Self.after(old, row.script)
        bench.time.advance(seconds: 301)
        try await Bench.run(bench) { bench in
            let page = try await bench.get("/t/doc/p")
            #expect(page.status == 200)
            #expect(bench.upstream.requests(of: Self.url).first?.ifNoneMatch == nil)
            #expect(try await bench.get(Self.file.request).body == Self.file.bytes)
            #expect(bench.upstream.requests(of: Self.url).count == 1)
        }
    }

    @Test("under the rules of before, a document that was just validated is not asked again")
    func sameRules() async throws {
        let script = Self.rows[0].script
        let old = try await Self.before(script)
        try await Bench.run(Self.after(old, factsVersion: "test1", script)) { bench in
            let got = try await bench.get(Self.file.request)
            #expect(got.status == 404)
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("a 304 to a request without validators makes no facts, and is an error")
    func unaskedNotModified() async throws {
        let old = try await Self.before(Self.rows[0].script)
        try await Bench.run(Self.after(old, .init(status: 304))) { bench in
            let got = try await bench.get(Self.file.request)
            #expect(got.status == 502)
            #expect(try await bench.get("/t/doc/p").status == 200)
        }
    }
}
