import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// Documents that are made of those of other mounts, while something is out of order.
@Suite(.timeLimit(.minutes(5))) struct MergeFailureTests {
    private static let a = "https://a.example/doc/p"
    private static let b = "https://b.example/doc/p"
    private static let path = "/all/doc/p"

    private static func bench(restarting other: Bench? = nil) -> (Bench, JoiningAdapter.Merges) {
        let (bench, merges) = JoiningAdapter.bench(restarting: other)
        bench.upstream.set(a, document("a1 00 1 0"))
        bench.upstream.set(b, document("b1 00 1 0"))
        return (bench, merges)
    }

    private static func joined(_ a: String, _ b: String) -> String {
        "[a ok\n\(a) 00 1 0][b ok\n\(b) 00 1 0]."
    }

    @Test("a database that cannot tell what is held: no answer rather than one without a member")
    func brokenDatabase() async throws {
        let (first, _) = Self.bench()
        try await Bench.run(first) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 200)
        }
        let (second, merges) = Self.bench(restarting: first)
        second.upstream.set(Self.a, .init(status: 404))
        second.database.isBroken.withLock { $0 = true }
        try await Bench.run(second) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 503 && !got.text.contains("b1"), "\(got.text)")
            #expect(merges.count == 0)
            bench.database.isBroken.withLock { $0 = false }
            #expect(try await bench.get(Self.path).text == Self.joined("a1", "b1"))
        }
    }

    @Test("a merge that fails with nothing held is tried every 5 s")
    func failsCold() async throws {
        let (bench, _) = Self.bench()
        bench.upstream.set(Self.b, .init(status: 401))
        try await Bench.run(bench) { bench in
            for _ in 0..<3 {
                let got = try await bench.get(Self.path)
                #expect(got.status == 503)
            }
            #expect(bench.upstream.requests(of: Self.b).count == 1)
            bench.time.advance(seconds: 5)
            _ = try await bench.get(Self.path)
            #expect(bench.upstream.requests(of: Self.b).count == 2)
        }
    }

    @Test("a merge that fails with something held is tried every 5 s; what is held is stale")
    func failsWarm() async throws {
        let (bench, merges) = Self.bench()
        try await Bench.run(bench) { bench in
            let cold = try await bench.get(Self.path)
            bench.upstream.set(Self.a, document("a2 00 1 bad"))
            bench.time.advance(seconds: 301)
            for _ in 0..<3 {
                let got = try await bench.get(Self.path)
                #expect(got.body == cold.body && got.field("Cache-Control") == "public, max-age=0")
            }
            #expect(merges.count == 2)
            bench.time.advance(seconds: 5)
            _ = try await bench.get(Self.path)
            #expect(merges.count == 3)
            bench.upstream.set(Self.a, document("a3 00 1 0"))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).text == Self.joined("a3", "b1"))
        }
    }

    @Test("a member whose bytes are gone keeps its row while its upstream is down")
    func lostAndDown() async throws {
        let (bench, _) = Self.bench()
        try await Bench.run(bench) { bench in
            let cold = try await bench.get(Self.path)
            let member = UpstreamIdentity(
                ecosystem: "test", name: "a", location: "https://a.example")
            let key = CacheKey(.document("p"), of: member)
            let row = try #require(try await bench.metadata.response(for: key))
            try await bench.blobs.delete(row.body)
            bench.upstream.set(Self.a, .init(failure: .unreachable(code: 7)))
            bench.upstream.set(Self.b, document("b2 00 1 0"))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).body == cold.body)
            #expect(try await bench.metadata.response(for: key)?.body == row.body)
            // A's upstream has forgotten it; its names are still A's.
            bench.upstream.set(Self.a, .init(status: 404))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).body == cold.body)
            bench.upstream.set(Self.a, document("a2 00 1 0"))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).text == Self.joined("a2", "b2"))
        }
    }

    @Test("what our own database takes is no part of the upstreams' time")
    func slowDatabase() async throws {
        let (first, _) = Self.bench()
        try await Bench.run(first) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 200)
        }
        let (bench, _) = Self.bench(restarting: first)
        let gate = Gate()
        bench.upstream.set(Self.a, document("a2 00 1 0", gate: gate))
        let time = bench.time
        bench.database.whenAsked.withLock { $0 = { time.advance(seconds: 1) } }
        try await Bench.run(bench) { bench in
            bench.time.advance(seconds: 301)
            bench.time.holdPauses()
            async let late = bench.get(Self.path)
            await gate.arrivals(1)
            while bench.time.pauseCount == 0 { await Task.yield() }
            bench.time.advance(seconds: 1)
            for _ in 0..<1_000 { await Task.yield() }
            gate.open()
            let got = try await late
            #expect(got.text == Self.joined("a2", "b1"))
        }
    }
}
