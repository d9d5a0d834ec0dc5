import Backends
import Digests
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// Documents that are made of those of other mounts.
@Suite(.timeLimit(.minutes(5))) struct MergedDocumentTests {
    private static let a = "https://a.example/doc/p"
    private static let b = "https://b.example/doc/p"
    private static let path = "/all/doc/p"

    /// A document with one line, fresh for as long as the mount allows or as it says.
    private static func text(
        _ line: String, seconds: Int? = nil, gate: Gate? = nil
    ) -> FakeUpstream.Script {
        var script = document("\(line) 00 1 0", gate: gate)
        if let seconds { script.headers = [("Cache-Control", "max-age=\(seconds)")] }
        return script
    }

    private static func joined(_ a: String, _ b: String) -> String {
        "[a ok\n\(a) 00 1 0][b ok\n\(b) 00 1 0]."
    }

    /// Both members as `a1` and `b1`.
    private static func bench(restarting other: Bench? = nil) -> (Bench, JoiningAdapter.Merges) {
        let (bench, merges) = JoiningAdapter.bench(restarting: other)
        bench.upstream.set(a, text("a1"))
        bench.upstream.set(b, text("b1"))
        return (bench, merges)
    }

    @Test("cold: members are fetched once, merged once, and stored as their own mounts' documents")
    func cold() async throws {
        let (bench, merges) = Self.bench()
        bench.upstream.set(Self.b, Self.text("b1", seconds: 60))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 200 && got.text == Self.joined("a1", "b1"))
            #expect(got.field("Cache-Control") == "public, max-age=60")
            #expect(got.field("Cache-Status") == "larder; fwd=uri-miss; stored; ttl=60")
            let warm = try await bench.get(Self.path)
            #expect(warm.body == got.body && warm.field("ETag") == got.field("ETag"))
            #expect(warm.field("Cache-Status")?.contains("hit") == true)
            #expect(try await bench.get("/b/doc/p").text == "rendered ok\nb1 00 1 0")
            #expect(bench.upstream.requestCount == 2 && merges.count == 1)
        }
    }

    @Test("100 at once: one merge, and one fetch of each member")
    func crowd() async throws {
        let (bench, merges) = Self.bench()
        let gate = Gate()
        bench.upstream.set(Self.b, Self.text("b1", gate: gate))
        try await Bench.run(bench) { bench in
            try await withThrowingTaskGroup(of: Bench.Got.self) { group in
                for _ in 0..<100 { group.addTask { try await bench.get(Self.path) } }
                while bench.observer.counts.withLock({ $0.collapsed }) < 99 { await Task.yield() }
                gate.open()
                for try await got in group { #expect(got.text == Self.joined("a1", "b1")) }
            }
            #expect(bench.upstream.requestCount == 2 && merges.count == 1)
        }
    }

    @Test("nothing changed: members are validated, nothing is merged, and it is fresh again")
    func unchanged() async throws {
        let (bench, merges) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let cold = try await bench.get(Self.path)
            let commits = bench.blobs.commitCount.load(ordering: .relaxed)
            bench.time.advance(seconds: 301)
            let warm = try await bench.get(Self.path)
            #expect(warm.body == cold.body)
            #expect(warm.field("Cache-Control") == "public, max-age=300")
            #expect(bench.upstream.requestCount == 4 && merges.count == 1)
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) == commits)
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    @Test("a member that was validated meanwhile is taken as it is; the least that is left counts")
    func leastLifetime() async throws {
        let (bench, merges) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            _ = try await bench.get("/a/doc/p")
            bench.time.advance(seconds: 100)
            #expect(
                try await bench.get(Self.path).field("Cache-Control") == "public, max-age=200")
            bench.time.advance(seconds: 201)
            bench.upstream.set(Self.a, Self.text("a2"))
            let changed = try await bench.get(Self.path)
            #expect(changed.text == Self.joined("a2", "b1"))
            // B has 99 seconds left, which is less than the 300 of A.
            #expect(changed.field("Cache-Control") == "public, max-age=99")
            #expect(bench.upstream.requests(of: Self.b).count == 1 && merges.count == 2)
        }
    }

    @Test("a client that wants it newer has the members validated, but not twice in a moment")
    func refresh() async throws {
        let (bench, merges) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            _ = try await bench.get(Self.path)
            bench.upstream.set(Self.a, Self.text("a2"))
            let early = try await bench.get(Self.path) { $0.asksForRefresh = true }
            #expect(early.text == Self.joined("a1", "b1") && bench.upstream.requestCount == 2)
            bench.time.advance(seconds: 10)
            _ = try await bench.get("/b/doc/p") { $0.asksForRefresh = true }
            let newer = try await bench.get(Self.path) { $0.asksForRefresh = true }
            #expect(newer.text == Self.joined("a2", "b1") && merges.count == 2)
            #expect(bench.upstream.requests(of: Self.b).count == 2)
        }
    }

    @Test("a member that is down keeps its last good contribution, and nobody merges again")
    func warmOutage() async throws {
        let (bench, merges) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let cold = try await bench.get(Self.path)
            bench.time.advance(seconds: 301)
            bench.upstream.set(Self.b, .init(failure: .unreachable(code: 7)))
            let warm = try await bench.get(Self.path)
            #expect(warm.status == 200 && warm.body == cold.body && merges.count == 1)
            #expect(warm.field("Cache-Control") == "public, max-age=5")
            bench.upstream.set(Self.a, Self.text("a2"))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).text == Self.joined("a2", "b1"))
            bench.upstream.set(Self.b, Self.text("b2"))
            bench.time.advance(seconds: 6)
            #expect(try await bench.get(Self.path).text == Self.joined("a2", "b2"))
        }
    }

    @Test("a member that was never had and is down: no answer rather than one without it")
    func coldOutage() async throws {
        let (bench, merges) = Self.bench()
        bench.upstream.set(Self.b, .init(failure: .unreachable(code: 7)))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 503 && got.field("Retry-After") == "5")
            #expect(got.text.contains("upstream b could not be reached"))
            #expect(merges.count == 0)
            #expect(try await bench.get("/a/doc/p").status == 200)
            bench.upstream.set(Self.b, Self.text("b1"))
            bench.time.advance(seconds: 5)
            #expect(try await bench.get(Self.path).text == Self.joined("a1", "b1"))
            #expect(bench.upstream.requests(of: Self.a).count == 1)
        }
    }

    @Test("what no member says is not merged with what is held", arguments: [401, 500, 503])
    func refusedMember(_ status: Int) async throws {
        let (bench, _) = Self.bench()
        bench.upstream.set(Self.b, .init(status: status))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 503 && got.text.contains("upstream b "))
        }
    }

    @Test("a member that there is not contributes nothing, and is not asked for again at once")
    func absentMember() async throws {
        let (bench, merges) = Self.bench()
        bench.upstream.set(Self.a, .init(status: 404))
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let got = try await bench.get(Self.path)
            #expect(got.text == "[b ok\nb1 00 1 0].")
            #expect(got.field("Cache-Control") == "public, max-age=30")
            bench.upstream.set(Self.a, Self.text("a1"))
            #expect(try await bench.get(Self.path).text == got.text)
            bench.time.advance(seconds: 31)
            #expect(try await bench.get(Self.path).text == Self.joined("a1", "b1"))
            #expect(bench.upstream.requests(of: Self.a).count == 2 && merges.count == 2)
        }
    }

    @Test("a member that is taken away still owns what it had")
    func withdrawnMember() async throws {
        let (bench, _) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let cold = try await bench.get(Self.path)
            bench.upstream.set(Self.a, .init(status: 404))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(Self.path).body == cold.body)
            #expect(try await bench.get("/a/doc/p").status == 404)
        }
    }

    @Test("a late member is waited for as long as a client would, and then in the background")
    func lateMember() async throws {
        let (bench, _) = Self.bench()
        let gate = Gate()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            _ = try await bench.get(Self.path)
            bench.time.advance(seconds: 301)
            bench.upstream.set(Self.a, Self.text("a2"))
            bench.upstream.set(Self.b, Self.text("b2", gate: gate))
            async let late = bench.get(Self.path)
            await gate.arrivals(1)
            while bench.time.pauseCount == 0 { await Task.yield() }
            while bench.upstream.requests(of: Self.a).count < 2 { await Task.yield() }
            // A's fetch is over before B's time is.
            _ = try await bench.get("/a/doc/p")
            bench.time.advance(seconds: 2)
            #expect(try await late.text == Self.joined("a2", "b1"))
            // That was B's outage and nobody else's: no client waits for it again.
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            bench.time.advance(seconds: 10)
            #expect(try await bench.get(Self.path).text == Self.joined("a2", "b1"))
            gate.open()
            await bench.idle()
            bench.time.advance(seconds: 6)
            #expect(try await bench.get(Self.path).text == Self.joined("a2", "b2"))
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }

    @Test("a restart needs no upstream and gives the same bytes")
    func restart() async throws {
        let (first, _) = Self.bench()
        let cold = Mutex(Bench.Got())
        try await Bench.run(first) { bench in
            let got = try await bench.get(Self.path)
            cold.withLock { $0 = got }
        }
        let (second, merges) = Self.bench(restarting: first)
        second.upstream.set(Self.a, .init(failure: .unreachable(code: 7)))
        second.upstream.set(Self.b, .init(failure: .unreachable(code: 7)))
        try await Bench.run(second) { bench in
            bench.time.holdPauses()
            bench.time.advance(seconds: 1_000)
            let got = try await bench.get(Self.path)
            #expect(got.status == 200 && got.body == cold.withLock { $0.body })
            #expect(got.field("ETag") == cold.withLock { $0.field("ETag") })
            #expect(merges.count == 0)
        }
    }

    @Test("a member whose bytes are gone is fetched anew")
    func lostMember() async throws {
        let (bench, _) = Self.bench()
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            _ = try await bench.get("/b/doc/p")
            bench.time.advance(seconds: 100)
            _ = try await bench.get(Self.path)
            let body = try #require(
                document("a1 00 1 0").pieces.first.map { BlobDigest.of($0) })
            try await bench.blobs.delete(body)
            // A is still fresh, and B is not.
            bench.time.advance(seconds: 201)
            bench.upstream.set(Self.b, Self.text("b2"))
            #expect(try await bench.get(Self.path).text == Self.joined("a1", "b2"))
        }
    }

    @Test("what is left out is told; what cannot be merged is no answer")
    func faults() async throws {
        let (bench, _) = Self.bench()
        bench.upstream.set(Self.a, document("x 00 1 0", "y 00 1 odd"))
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let got = try await bench.get(Self.path)
            #expect(got.text == "[b ok\nb1 00 1 0].")
            #expect(
                bench.observer.counts.withLock { $0.notes } == ["all odd texts were left out 1"])
            bench.upstream.set(Self.a, document("x 00 1 0", "y 00 1 bad"))
            bench.time.advance(seconds: 301)
            // What is held is the last one that was good.
            #expect(try await bench.get(Self.path).body == got.body)
            #expect(bench.observer.counts.withLock { $0.documentsRefused } == 1)
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }
}
