import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// When an upstream counts as failing, and what it is asked then.
@Suite(.timeLimit(.minutes(5))) struct UpstreamFailureTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let line = TestFile("p/a.whl", byteCount: 3).line()

    /// Runs `body` with a stored document whose every request asks the upstream, which then has
    /// `script`.
    private func run(
        _ script: FakeUpstream.Script, tag: String? = nil,
        _ body: @Sendable (Bench) async throws -> Void
    ) async throws {
        let bench = Bench(ceilingSeconds: 0)
        var first = document(Self.line)
        first.headers = tag.map { [("etag", $0)] } ?? []
        bench.upstream.set(Self.url, first)
        try await Bench.run(bench) { bench in
            #expect(try await bench.get("/t/doc/p").status == 200)
            bench.upstream.set(Self.url, script)
            try await body(bench)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
    }

    static let nonsense: [Row] = [
        Row(
            testDescription: "a login page with 200", script: .init(pieces: [Array("<html>".utf8)])),
        Row(testDescription: "an empty 200", script: .init()),
        Row(testDescription: "a 200 that breaks off", script: .init(ending: .truncated)),
        Row(testDescription: "304 unasked", script: .init(status: 304)),
        Row(testDescription: "206 unasked", script: .init(status: 206)),
        Row(testDescription: "500", script: .init(status: 500)),
        Row(testDescription: "429", script: .init(status: 429)),
    ]

    @Test(
        "U-9 three answers in a row that are none are an outage, which the next good document ends",
        arguments: nonsense)
    func garbled(_ row: Row) async throws {
        try await run(row.script) { bench in
            for _ in 0..<8 {
                let got = try await bench.get("/t/doc/p")
                #expect(got.status == 200 && got.text.contains("a.whl"))
                await bench.idle()
            }
            #expect(bench.upstream.requestCount == 1 + 3)
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            // A probe that brings more of the same ends nothing.
            bench.time.advance(seconds: 5)
            _ = try await bench.get("/t/doc/p")
            await bench.idle()
            #expect(bench.upstream.requestCount == 1 + 4)
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            bench.upstream.set(Self.url, document(Self.line))
            bench.time.advance(seconds: 5)
            _ = try await bench.get("/t/doc/p")
            await bench.idle()
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }

    @Test("U-5 one Retry-After of a minute: nobody waits, and no probe before it is over")
    func rest() async throws {
        let busy = FakeUpstream.Script(status: 429, headers: [("retry-after", "60")])
        try await run(busy) { bench in
            _ = try await bench.get("/t/doc/p")
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            for _ in 0..<11 {
                bench.time.advance(seconds: 5)
                #expect(try await bench.get("/t/doc/p").status == 200)
                await bench.idle()
            }
            #expect(bench.upstream.requestCount == 1 + 1)
            bench.time.advance(seconds: 5)
            _ = try await bench.get("/t/doc/p")
            await bench.idle()
            #expect(bench.upstream.requestCount == 1 + 2)
        }
    }

    @Test("what our own rules refuse is no outage, however often")
    func refusals() async throws {
        for refusal in [UpstreamError.redirectRefused, .addressRefused, .hostRefused, .tooLarge] {
            try await run(.init(failure: refusal)) { bench in
                for _ in 0..<6 {
                    let got = try await bench.get("/t/doc/p")
                    #expect(got.status == 200)
                }
                #expect(bench.upstream.requestCount == 1 + 6)
                #expect(bench.observer.counts.withLock { $0.outages } == [])
            }
        }
    }

    @Test("U-8 a 304 under another tag renews what is stored, and the stored tag stays")
    func foreignTag() async throws {
        let script = FakeUpstream.Script(status: 304, headers: [("etag", "\"other\"")])
        try await run(script, tag: "\"v1\"") { bench in
            for _ in 0..<3 {
                let got = try await bench.get("/t/doc/p")
                #expect(got.status == 200)
            }
            let tags = bench.upstream.requests(of: Self.url).map(\.ifNoneMatch)
            #expect(tags == [nil, "\"v1\"", "\"v1\"", "\"v1\""])
        }
    }

    @Test("U-4 a body that creeps is not resumed again and again")
    func creeping() async throws {
        let file = TestFile("p/a.whl", byteCount: 400_000)
        let bench = Bench()
        bench.upstream.set(Self.url, document(file.line()))
        func script(_ range: Range<Int>) -> FakeUpstream.Script {
            var script = FakeUpstream.Script(
                status: range.lowerBound == 0 ? 200 : 206,
                pieces: [Array(file.bytes[range])],
                byteCount: file.bytes.count - range.lowerBound, ending: .timedOut(.body))
            script.headers = [
                ("etag", "\"a\""), ("content-range", "bytes \(range.lowerBound)-399999/400000"),
            ]
            return script
        }
        // Enough for one resumption, and then too little.
        bench.upstream.set(file.url, script(0..<100_000), script(100_000..<100_300))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(file.request)
            #expect(got.isBroken || got.status >= 500)
            let offsets = bench.upstream.requests(of: file.url).map(\.rest?.offset)
            #expect(offsets == [nil, 100_000])
        }
    }
}
