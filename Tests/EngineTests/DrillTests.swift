import Backends
import Engine
import HTTPModel
import Synchronization
import Testing

/// Upstreams that are cut off for a rehearsal.
@Suite(.timeLimit(.minutes(5))) struct DrillTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let file = TestFile("p/a.whl", byteCount: 3)

    private func bench() -> Bench {
        let bench = Bench()
        bench.upstream.set(Self.url, document(Self.file.line()))
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        return bench
    }

    @Test("no connection is made; what is stored is served at once; then all is as before")
    func drill() async throws {
        try await Bench.run(bench()) { bench in
            let fresh = try await bench.get("/t/doc/p")
            try await bench.metadata.beginDrill(["test"], at: bench.time.now)
            try await bench.engine.learnOperations()
            #expect(bench.engine.drills == ["test"])
            bench.time.advance(seconds: 400)
            let began = bench.time.now
            for _ in 0..<3 {
                let stale = try await bench.get("/t/doc/p")
                #expect(stale.body == fresh.body)
                #expect(stale.field("Cache-Status")?.contains("fwd=stale") == true)
            }
            // A cold file of a listed document, and a cold document.
            #expect(try await bench.get(Self.file.request).status == 503)
            #expect(try await bench.get("/t/doc/cold").status == 503)
            #expect(bench.upstream.requestCount == 1)
            // It failed at once: no pauses between tries.
            #expect(bench.time.now == began)
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            #expect(
                bench.engine.outages
                    == [Outage(upstream: "test", beganAt: began, endedAt: nil, servedCount: 0)])

            try await bench.metadata.endDrill(["test"])
            try await bench.engine.learnOperations()
            bench.time.advance(seconds: 6)
            _ = try await bench.get("/t/doc/p")
            await bench.idle()
            let after = try await bench.get("/t/doc/p")
            #expect(after.field("Cache-Status")?.hasPrefix("larder; hit") == true)
            #expect(try await bench.get(Self.file.request).body == Self.file.bytes)
            #expect(bench.observer.counts.withLock { $0.drills } == ["test cut", "test back"])
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }

    @Test("a file on another host is cut off with its upstream, whose outage ends after the drill")
    func fileHost() async throws {
        let bench = Bench(fileHost: "https://files.example")
        bench.upstream.set(Self.url, document(Self.file.line()))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            try await bench.metadata.beginDrill(["test"], at: bench.time.now)
            try await bench.engine.learnOperations()
            #expect(try await bench.get(Self.file.request).status == 503)
            #expect(bench.engine.outages.map(\.upstream) == ["test"])
            try await bench.metadata.endDrill(["test"])
            try await bench.engine.learnOperations()
            bench.time.advance(seconds: 301)
            _ = try await bench.get("/t/doc/p")
            await bench.idle()
            #expect(bench.engine.outages == [])
        }
    }

    @Test("a POST is not sent on, either")
    func forwarded() async throws {
        try await Bench.run(bench()) { bench in
            try await bench.metadata.beginDrill(["test"], at: bench.time.now)
            try await bench.engine.learnOperations()
            #expect(try await bench.send(.post, "/t/ask", body: "q").status == 503)
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("another upstream's drill is none of this one's business")
    func other() async throws {
        try await Bench.run(bench()) { bench in
            try await bench.metadata.beginDrill(["tes", "test/more"], at: bench.time.now)
            try await bench.engine.learnOperations()
            #expect(try await bench.get("/t/doc/p").status == 200)
        }
    }

    @Test("a drill goes on over a restart")
    func restart() async throws {
        let first = bench()
        try await first.metadata.beginDrill(["test"], at: 1)
        let second = Bench(restarting: first) { $0.operationsInterval = .seconds(30) }
        second.upstream.set(Self.url, document(Self.file.line()))
        try await Bench.run(second) { bench in
            while bench.engine.drills.isEmpty { await Task.yield() }
            let cold = try await bench.get("/t/doc/p")
            #expect(cold.status == 503)
            #expect(bench.upstream.requestCount == 0)
        }
    }
}
