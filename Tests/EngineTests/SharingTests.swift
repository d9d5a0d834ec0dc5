import Backends
import Engine
import HTTPModel
import Resources
import Support
import Testing

/// Two servers on one database and one store of blobs.
@Suite(.timeLimit(.minutes(5))) struct SharingTests {
    static let url = "\(TestAdapter.root)/doc/p"
    static let file = TestFile("p/a.whl", byteCount: 90_000)
    private static let key = CacheKey(.artifact(file.path), of: TestAdapter().identity)
    private static let documentKey = CacheKey(.document("p"), of: TestAdapter().identity)

    /// Two servers with clocks and an upstream each; `leases` is how they agree, if they do.
    static func run(
        leases: (any FetchLeases)?, _ change: (inout EngineRules) -> Void = { _ in },
        _ body: @escaping @Sendable (Bench, Bench) async throws -> Void
    ) async throws {
        let one = Bench(sharing: (leases, "one"), change)
        let two = Bench(restarting: one, sharing: (leases, "two"), change)
        for bench in [one, two] {
            bench.upstream.set(url, document(file.line()))
            bench.upstream.set(file.url, .init(pieces: file.pieces))
        }
        try await Bench.run(one) { one in
            try await Bench.run(two) { two in try await body(one, two) }
        }
    }

    static func leases() -> (any FetchLeases, FakeTime) {
        let time = FakeTime()
        return (MemoryLeases(time: time), time)
    }

    /// Moves clocks by a second whenever something waits at the first one, until `task` has ended.
    private static func end<Value: Sendable>(
        _ task: Task<Value, any Error>, moving times: FakeTime...
    ) async throws -> Value {
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let value = try await task.value
                return value
            }
            group.addTask {
                while !Task.isCancelled {
                    if times[0].pauseCount > 0 {
                        for time in times { time.advance(seconds: 1) }
                    }
                    await Task.yield()
                }
                return nil
            }
            while let value = try await group.next() {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            throw Bench.Unanswered()
        }
    }

    private static func count(_ benches: Bench...) -> Int {
        benches.reduce(0) { $0 + $1.upstream.requests(of: file.url).count }
    }

    @Test("a cold file that two servers are asked for is fetched once")
    func once() async throws {
        let (leases, _) = Self.leases()
        try await Self.run(leases: leases) { one, two in
            let gate = Gate()
            one.upstream.set(Self.file.url, .init(pieces: Self.file.pieces, gate: gate))
            two.time.holdPauses()
            let first = Task { try await one.get(Self.file.request) }
            await gate.arrivals(1)
            let second = Task { try await two.get(Self.file.request) }
            while two.time.pauseCount == 0 { await Task.yield() }
            gate.open()
            #expect(try await first.value.body == Self.file.bytes)
            await one.idle()
            let got = try await Self.end(second, moving: two.time)
            #expect(got.status == 200 && got.body == Self.file.bytes)
            #expect(Self.count(one, two) == 1)
            #expect(two.upstream.requestCount == 0)
            // Nothing is held any more.
            #expect(try await leases.claim(Self.key, by: "other", for: 9))
        }
    }

    @Test(
        "C-4: the lease of a server that died is taken over when it ends, well before others give up"
    )
    func takeOver() async throws {
        let (leases, time) = Self.leases()
        try await Self.run(leases: leases) { one, _ in
            #expect(try await leases.claim(Self.key, by: "dead", for: EngineRules().leaseSeconds))
            one.time.holdPauses()
            let begun = one.time.uptimeNanoseconds
            let task = Task { try await one.get(Self.file.request) }
            let got = try await Self.end(task, moving: one.time, time)
            #expect(got.body == Self.file.bytes)
            let waited = one.time.uptimeNanoseconds - begun
            let lease = UInt64(EngineRules().leaseSeconds) * 1_000_000_000
            #expect((lease...lease + 2_000_000_000).contains(waited), "\(waited)")
            #expect(Self.count(one) == 1)
        }
    }

    @Test("holders that are slow are waited for so long altogether, and no longer")
    func impatience() async throws {
        let (leases, _) = Self.leases()
        try await Self.run(leases: leases) { one, _ in
            #expect(try await leases.claim(Self.key, by: "slow", for: 1_000))
            #expect(try await leases.claim(Self.documentKey, by: "slow", for: 1_000))
            let begun = one.time.uptimeNanoseconds
            let got = try await one.get(Self.file.request)
            #expect(got.body == Self.file.bytes)
            let waited = one.time.uptimeNanoseconds - begun
            let patience = EngineRules().fetchPatience
            #expect((patience..<patience + 1_000_000_000).contains(waited), "\(waited)")
            #expect(try await leases.claim(Self.key, by: "other", for: 9) == false)
        }
    }

    private struct BrokenLeases: FetchLeases {
        let askedCount = Watched(0)

        func claim(
            _ key: CacheKey, by holder: String, for seconds: Int
        ) async throws(StoreError) -> Bool {
            askedCount.update { $0 += 1 }
            throw .unreachable
        }
        func renew(
            _ keys: [CacheKey], by holder: String, for seconds: Int
        ) async throws(StoreError) { throw .unreachable }
        func release(_ key: CacheKey, by holder: String) async throws(StoreError) {
            throw .unreachable
        }
    }

    @Test("where leases cannot be had, everybody fetches, and asks for none for a while")
    func broken() async throws {
        let leases = BrokenLeases()
        try await Self.run(leases: leases) { one, two in
            for bench in [one, two] {
                let got = try await bench.get(Self.file.request)
                #expect(got.body == Self.file.bytes)
            }
            #expect(leases.askedCount.value == 1)
            one.time.advance(seconds: 6)
            one.upstream.set("\(TestAdapter.root)/doc/q", document())
            _ = try await one.get("/t/doc/q")
            #expect(leases.askedCount.value == 2)
        }
    }

    @Test("a file that another server stored since nothing was known of it is not fetched")
    func storedSince() async throws {
        let (leases, _) = Self.leases()
        try await Self.run(leases: leases) { one, two in
            two.upstream.set(Self.file.url, .init(status: 404))
            #expect(try await two.get(Self.file.request).status == 404)
            two.time.advance(seconds: 40)
            one.time.advance(seconds: 40)
            _ = try await one.get(Self.file.request)
            let asked = two.upstream.requestCount
            let got = try await two.get(Self.file.request)
            #expect(got.body == Self.file.bytes)
            #expect(two.upstream.requestCount == asked)
        }
    }

    @Test("a stale document that another server has validated is not asked for again")
    func validatedElsewhere() async throws {
        let (leases, _) = Self.leases()
        try await Self.run(leases: leases) { one, two in
            _ = try await one.get("/t/doc/p")
            _ = try await two.get("/t/doc/p")
            #expect(two.upstream.requestCount == 0)
            for bench in [one, two] {
                bench.time.advance(seconds: 301)
                // Nobody gives up waiting for a turn.
                bench.time.holdPauses()
            }
            let other = TestFile("p/b.whl", byteCount: 9).line()
            one.upstream.set(Self.url, document(Self.file.line(), other))
            #expect(try await one.get("/t/doc/p").text.contains("b.whl"))
            #expect(try await two.get("/t/doc/p").text.contains("b.whl"))
            #expect(two.upstream.requestCount == 0)
            // Who wants it newer than it is here is asked for it, but for one a moment ago.
            let refresh: (inout RequestHead) -> Void = { $0.asksForRefresh = true }
            _ = try await two.get("/t/doc/p", refresh)
            #expect(two.upstream.requestCount == 0)
            two.time.advance(seconds: 20)
            _ = try await two.get("/t/doc/p", refresh)
            #expect(two.upstream.requestCount == 1)
        }
    }

    @Test("R-4: of refreshes that end out of order, the older one takes nobody's place")
    func outOfOrder() async throws {
        try await Self.run(leases: nil) { one, two in
            _ = try await one.get("/t/doc/p")
            for bench in [one, two] { bench.time.advance(seconds: 301) }
            let (old, new) = (
                TestFile("p/b.whl", byteCount: 9).line(), TestFile("p/c.whl", byteCount: 9).line()
            )
            let gate = Gate()
            // The first server's answer is on its way while the document changes once more.
            one.upstream.set(
                Self.url, document(Self.file.line(), old, gate: gate),
                document(Self.file.line(), old, new))
            two.upstream.set(Self.url, document(Self.file.line(), old, new))
            let slow = Task { try await one.get("/t/doc/p") }
            await gate.arrivals(1)
            #expect(try await two.get("/t/doc/p").text.contains("c.whl"))
            let row = try await one.metadata.response(for: Self.documentKey)
            gate.open()
            #expect(try await slow.value.text.contains("c.whl"))
            // It was asked for once more, since nobody here can tell which of two is newer.
            #expect(one.upstream.requests(of: Self.url).count == 3)
            let now = try await one.metadata.response(for: Self.documentKey)
            #expect(row?.body == now?.body && row != nil)
        }
    }

    @Test("a new version is served by the other servers as soon as they read the log")
    func changeLog() async throws {
        try await Self.run(leases: nil) { one, two in
            for bench in [one, two] {
                try await bench.engine.learnOperations()
                _ = try await bench.get("/t/doc/p")
            }
            one.time.advance(seconds: 301)
            let other = TestFile("p/b.whl", byteCount: 9).line()
            one.upstream.set(Self.url, document(Self.file.line(), other))
            #expect(try await one.get("/t/doc/p").text.contains("b.whl"))
            #expect(try await !two.get("/t/doc/p").text.contains("b.whl"))
            try await two.engine.learnOperations()
            let asked = two.upstream.requestCount
            two.time.advance(seconds: 301)
            #expect(try await two.get("/t/doc/p").text.contains("b.whl"))
            #expect(two.upstream.requestCount == asked)
        }
    }

    @Test("so is what the upstream has withdrawn")
    func withdrawn() async throws {
        try await Self.run(leases: nil) { one, two in
            for bench in [one, two] {
                try await bench.engine.learnOperations()
                _ = try await bench.get("/t/doc/p")
                bench.time.advance(seconds: 301)
            }
            one.upstream.set(Self.url, .init(status: 404))
            #expect(try await one.get("/t/doc/p").status == 404)
            two.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            #expect(try await two.get("/t/doc/p").status == 200)
            try await two.engine.learnOperations()
            #expect(try await two.get("/t/doc/p").status == 404)
        }
    }

    @Test("so is that a newer version is held back")
    func heldBack() async throws {
        try await Self.run(leases: nil) { one, two in
            for bench in [one, two] {
                try await bench.engine.learnOperations()
                _ = try await bench.get("/t/doc/p")
                bench.time.advance(seconds: 301)
            }
            one.upstream.set(Self.url, .init(pieces: [Array("log in".utf8)]))
            _ = try await one.get("/t/doc/p")
            try await two.engine.learnOperations()
            let held = try await two.get("/t/doc/p")
            #expect(held.status == 200)
            #expect(held.field("Cache-Status")?.contains("detail=held-back") == true)
            #expect(two.upstream.requestCount == 0)
        }
    }
}
