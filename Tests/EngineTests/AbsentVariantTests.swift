import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// A version or tag that the stored document does not have.
@Suite(.timeLimit(.minutes(5))) struct AbsentVariantTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let page = document("a.tgz 00 1 0")

    private func bench() -> Bench {
        let bench = LineAdapter().bench()
        bench.upstream.set(Self.url, Self.page)
        return bench
    }

    @Test("the upstream is asked once whether it has it by now, then it is a 404 for a short while")
    func absent() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/s/doc/p/a.tgz")
            #expect(first.status == 200)
            bench.time.advance(seconds: 100)
            #expect(try await bench.get("/s/doc/p/b.tgz").status == 404)
            #expect(bench.upstream.requestCount == 2)
            bench.time.advance(seconds: 20)
            let again = try await bench.get("/s/doc/p/b.tgz")
            #expect(again.status == 404)
            #expect(again.field("Cache-Status")?.contains("detail=negative") == true)
            #expect(again.field("Cache-Control") == "no-store")
            #expect(bench.upstream.requestCount == 2)
            bench.time.advance(seconds: 11)
            #expect(try await bench.get("/s/doc/p/b.tgz").status == 404)
            #expect(bench.upstream.requestCount == 3)
            #expect(try await bench.get("/s/doc/p").status == 200)
            #expect(bench.observer.counts.withLock { $0.documentsRefused } == 0)
            #expect(bench.observer.counts.withLock { $0.outages } == [])
        }
    }

    @Test("a document of this very moment is not asked for again")
    func rateLimit() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/s/doc/p/b.tgz")
            #expect(first.status == 404)
            bench.time.advance(seconds: 4)
            #expect(try await bench.get("/s/doc/p/c.tgz").status == 404)
            #expect(bench.upstream.requestCount == 1)
            bench.time.advance(seconds: 1)
            #expect(try await bench.get("/s/doc/p/d.tgz").status == 404)
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("what was published since is found at once, and by those who ask meanwhile")
    func published() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/s/doc/p/b.tgz")
            #expect(first.status == 404)
            bench.time.advance(seconds: 31)
            let gate = Gate()
            bench.upstream.set(Self.url, document("a.tgz 00 1 0", "b.tgz 00 1 0", gate: gate))
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await bench.get("/s/doc/p/b.tgz").status }
                await gate.arrivals(1)
                group.addTask { try await bench.get("/s/doc/p/b.tgz").status }
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("an upstream that fails is no 404")
    func failing() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/s/doc/p/a.tgz")
            #expect(first.status == 200)
            bench.time.advance(seconds: 100)
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            #expect(try await bench.get("/s/doc/p/b.tgz").status == 503)
            // The breaker is open by now, and nobody waits.
            #expect(try await bench.get("/s/doc/p/b.tgz", patience: .none).status == 503)
            #expect(try await bench.get("/s/doc/p/a.tgz").status == 200)
        }
    }

    @Test("one that does not answer in time is none either")
    func slow() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/s/doc/p/a.tgz")
            #expect(first.status == 200)
            bench.time.advance(seconds: 100)
            let gate = Gate()
            bench.upstream.set(Self.url, document("a.tgz 00 1 0", gate: gate))
            #expect(try await bench.get("/s/doc/p/b.tgz", patience: .none).status == 503)
            gate.open()
        }
    }

    @Test("with a lifetime of zero it is asked for once, too")
    func neverFresh() async throws {
        let adapter = LineAdapter()
        let bench = adapter.bench(ceilingSeconds: 0)
        bench.upstream.set(Self.url, Self.page)
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p/b.tgz")
            #expect(first.status == 404)
            bench.time.advance(seconds: 6)
            #expect(try await bench.get("/s/doc/p/b.tgz").status == 404)
            #expect(bench.upstream.requestCount == 2)
        }
    }
}
