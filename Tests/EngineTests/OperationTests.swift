import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// What operators do beside a running server, read from the database.
@Suite(.timeLimit(.minutes(5))) struct OperationTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let line = TestFile("p/a.whl", byteCount: 3).line()
    private static let key = CacheKey(.document("p"), of: TestAdapter().identity)

    private func bench() -> Bench {
        let bench = Bench()
        bench.upstream.set(Self.url, document(Self.line))
        return bench
    }

    private static func note(
        _ kind: Change.Kind, _ key: CacheKey = key, released: BlobDigest? = nil, in bench: Bench,
        at second: Int64? = nil
    ) async throws {
        try await bench.metadata.note(
            Change(kind: kind, key: key, released: released), at: second ?? bench.time.now)
    }

    @Test("a document that an operator wants is asked for without a request")
    func wanted() async throws {
        try await Bench.run(bench()) { bench in
            _ = try await bench.get("/t/doc/p")
            try await bench.engine.learnOperations()
            let other = TestFile("p/b.whl", byteCount: 9).line()
            bench.upstream.set(Self.url, document(Self.line, other))
            try await Self.note(.wanted, in: bench)
            try await bench.engine.learnOperations()
            await bench.idle()
            #expect(bench.upstream.requestCount == 2)
            let got = try await bench.get("/t/doc/p")
            #expect(got.text.contains("b.whl"))
            #expect(got.field("Cache-Status")?.hasPrefix("larder; hit") == true)
            // Each change is followed once.
            try await bench.engine.learnOperations()
            await bench.idle()
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("what was wanted before the start waits for the next request")
    func wantedBefore() async throws {
        let bench = bench()
        try await Self.note(.wanted, in: bench)
        try await Bench.run(bench) { bench in
            try await bench.engine.learnOperations()
            await bench.idle()
            #expect(bench.upstream.requestCount == 0)
            try await Self.note(.wanted, in: bench)
            try await bench.engine.learnOperations()
            await bench.idle()
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test("a row that another process changed is read again")
    func changed() async throws {
        try await Bench.run(bench()) { bench in
            let fresh = try await bench.get("/t/doc/p")
            #expect(fresh.status == 200)
            var row = try #require(try await bench.metadata.response(for: Self.key))
            row.lifetimeSeconds = 0
            try await bench.metadata.freshen(row)
            _ = try await bench.get("/t/doc/p")
            #expect(bench.upstream.requestCount == 1)
            try await Self.note(.changed, in: bench)
            try await bench.engine.learnOperations()
            _ = try await bench.get("/t/doc/p")
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("what was purged is fetched anew, and its bytes go when nothing needs them")
    func purged() async throws {
        try await Bench.run(bench()) { bench in
            let first = try await bench.get("/t/doc/p")
            let row = try #require(try await bench.metadata.response(for: Self.key))
            try await bench.metadata.remove(Self.key)
            try await Self.note(.purged, released: row.body, in: bench)
            #expect(bench.blobs.find(row.body).isReady)
            try await bench.engine.learnOperations()
            #expect(!bench.blobs.find(row.body).isReady)
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            #expect(try await bench.get("/t/doc/p").status == 503)
            bench.upstream.set(Self.url, document(Self.line))
            #expect(try await bench.get("/t/doc/p").text == first.text)
        }
    }

    @Test("bytes that another row needs stay after a purge")
    func purgedTwin() async throws {
        try await Bench.run(bench()) { bench in
            bench.upstream.set("\(TestAdapter.root)/doc/q", document(Self.line))
            _ = try await bench.get("/t/doc/p")
            _ = try await bench.get("/t/doc/q")
            let row = try #require(try await bench.metadata.response(for: Self.key))
            try await bench.metadata.remove(Self.key)
            try await Self.note(.purged, released: row.body, in: bench)
            try await bench.engine.learnOperations()
            #expect(bench.blobs.find(row.body).isReady)
        }
    }

    @Test("a document that is made of others is wanted with them")
    func wantedMembers() async throws {
        let (bench, _) = JoiningAdapter.bench()
        let finder = ResourceFinder(
            mounts: JoiningAdapter.mounts(["a", "b"]), base: PublicBaseRule())
        guard case .found(let found) = finder.find("/all/doc/p") else {
            Issue.record("nothing")
            return
        }
        for name in ["a", "b"] {
            bench.upstream.set("https://\(name).example/doc/p", document("\(name)1 00 1 0"))
        }
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            _ = try await bench.get("/all/doc/p")
            try await bench.engine.learnOperations()
            bench.upstream.set("https://b.example/doc/p", document("b2 00 1 0"))
            let keys = found.asked.map(\.key) + [found.key]
            try await bench.metadata.want(keys, at: bench.time.now)
            try await bench.engine.learnOperations()
            await bench.idle()
            #expect(bench.upstream.requestCount == 4)
            let got = try await bench.get("/all/doc/p")
            #expect(got.text.contains("b2"))
            #expect(bench.upstream.requestCount == 4)
        }
    }

    @Test("a validation that was under way does not bring back what was purged")
    func purgedMeanwhile() async throws {
        try await Bench.run(bench()) { bench in
            let gate = Gate()
            let tagged = FakeUpstream.Script(
                pieces: [Array("ok\n\(Self.line)".utf8)], tag: "\"1\"")
            var late = tagged
            late.gate = gate
            bench.upstream.set(Self.url, tagged, late)
            _ = try await bench.get("/t/doc/p")
            try await bench.engine.learnOperations()
            bench.time.advance(seconds: 301)
            // Whoever does not wait gets the stale one, and the validation goes on.
            #expect(try await bench.get("/t/doc/p", patience: .none).status == 200)
            _ = try await bench.metadata.purge([Self.key], at: bench.time.now)
            try await bench.engine.learnOperations()
            gate.open()
            await bench.idle()
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            #expect(try await bench.get("/t/doc/p").status == 503)
        }
    }

    @Test("a validation keeps what the database could never take")
    func volatileMeanwhile() async throws {
        try await Bench.run(bench()) { bench in
            bench.database.isBroken.withLock { $0 = true }
            bench.upstream.set(
                Self.url, .init(pieces: [Array("ok\n\(Self.line)".utf8)], tag: "\"1\""))
            let first = try await bench.get("/t/doc/p")
            bench.database.isBroken.withLock { $0 = false }
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/t/doc/p").status == 200)
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/t/doc/p").body == first.body)
        }
    }

    @Test("who missed a part of the log trusts nothing in memory")
    func missed() async throws {
        try await Bench.run(bench()) { bench in
            _ = try await bench.get("/t/doc/p")
            try await bench.engine.learnOperations()
            try await bench.metadata.remove(Self.key)
            let now = bench.time.now
            try await Self.note(.purged, in: bench, at: now)
            let other = CacheKey(.document("other"), of: TestAdapter().identity)
            try await Self.note(.changed, other, in: bench, at: now + Change.keptSeconds + 1)
            try await bench.engine.learnOperations()
            _ = try await bench.get("/t/doc/p")
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("a database out of order ends nothing, and is told of once")
    func broken() async throws {
        let bench = Bench { $0.operationsInterval = .milliseconds(1) }
        bench.database.isBroken.withLock { $0 = true }
        try await Bench.run(bench) { bench in
            let start = bench.time.uptimeNanoseconds
            // Each look costs a millisecond of the bench's time.
            while bench.time.uptimeNanoseconds < start + 50_000_000 { await Task.yield() }
            // Besides it, outages, totals and what is held back cannot be read.
            #expect(bench.observer.counts.withLock { $0.storeFailures } <= 4)
            bench.database.isBroken.withLock { $0 = false }
            try await bench.metadata.beginDrill(["test"], at: 1)
            while bench.observer.counts.withLock({ $0.drills }).isEmpty { await Task.yield() }
        }
    }
}

extension LocalBlob {
    fileprivate var isReady: Bool {
        if case .ready = self { true } else { false }
    }
}
