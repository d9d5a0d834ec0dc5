import Backends
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization
import Testing

/// What an answer that brings no new document makes of the one that is held.
@Suite(.timeLimit(.minutes(5))) struct RenewalTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let key = CacheKey(.document("p"), of: TestAdapter().identity)
    private static let month: Int64 = 31 * 86_400

    /// Does to a row what `larder refresh` does.
    private func want(_ key: CacheKey, newerIn bench: Bench) async throws {
        var row = try #require(try await bench.metadata.response(for: key))
        row.lifetimeSeconds = 0
        try await bench.metadata.freshen(row)
        try await bench.metadata.note(Change(kind: .changed, key: key), at: bench.time.now)
        try await bench.engine.learnOperations()
    }

    @Test(
        "a refresh of a document whose newer version is held back is one question, not one for each",
        arguments: GuardedRegistry.all)
    func refreshedHeldBack(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        registry.publish(3, age: 10, tag: "\"1\"", on: bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            try await bench.engine.learnOperations()
            registry.publish(1, age: 11, tag: "\"2\"", on: bench)
            for count in 2...3 {
                try await want(registry.key, newerIn: bench)
                for _ in 0..<2 {
                    let got = try await bench.get(registry.path)
                    #expect(got.field("Cache-Status")?.contains("held-back") == true)
                }
                #expect(bench.upstream.requestCount == count)
            }
        }
    }

    @Test("a refresh of a document that was taken away and is kept: one question as well")
    func refreshedWithdrawn() async throws {
        let bench = Bench()
        bench.upstream.set(Self.url, document(TestFile("p/a.whl", byteCount: 3).line()))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            try await bench.engine.learnOperations()
            bench.time.advance(seconds: Self.month)
            bench.upstream.set(Self.url, .init(status: 404))
            #expect(try await bench.get("/t/doc/p").status == 200)
            try await want(Self.key, newerIn: bench)
            let count = bench.upstream.requestCount
            for _ in 0..<2 { #expect(try await bench.get("/t/doc/p").status == 200) }
            #expect(bench.upstream.requestCount == count + 1)
        }
    }

    /// The registry after a restart, with other settings that make other facts.
    private func changed(_ bench: Bench) -> Bench {
        let mount = PyPIBench.mount(hosts: ["cdn.example"])
        #expect(
            mount.adapter.factsVersion != GuardedRegistry.pypi.mount().adapter.factsVersion)
        return Bench(restarting: bench, mounts: [mount])
    }

    @Test("a change of settings lets no version in that is held back, and no older one")
    func changedSettings() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(3, age: 20, on: bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 21, on: bench)
            _ = try await bench.get(registry.path)
            #expect(bench.observer.counts.withLock { $0.heldBack.count } == 1)
        }
        let next = changed(bench)
        try await Bench.run(next) { next in
            for (count, age) in [(1, 21), (9, 19)] {
                registry.publish(count, age: age, on: next)
                next.time.advance(seconds: 700)
                let got = try await next.get(registry.path)
                #expect(got.field("Cache-Status")?.contains("held-back") == true)
                #expect(got.text.contains("foo_bar-2.tar.gz"))
            }
        }
    }

    @Test("entries that were counted by other settings say nothing")
    func changedCount() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(3, age: 20, on: bench)
        try await Bench.run(bench) { bench in
            let got = try await bench.get(registry.path)
            #expect(got.status == 200)
        }
        let next = changed(bench)
        registry.publish(1, age: 21, on: next)
        try await Bench.run(next) { next in
            next.time.advance(seconds: 302)
            let got = try await next.get(registry.path)
            #expect(got.field("Cache-Status")?.contains("held-back") == false)
            #expect(!got.text.contains("foo_bar-2.tar.gz"))
        }
    }

    @Test("a project that came back and goes when it is old is kept, whatever was before")
    func wentTwice() async throws {
        let bench = Bench()
        var script = document(TestFile("p/a.whl", byteCount: 3).line(published: bench.time.now))
        script.tag = "\"1\""
        bench.upstream.set(Self.url, script)
        let present = script
        try await Bench.run(bench) { bench in
            func status() async throws -> Int {
                bench.time.advance(seconds: 301)
                return try await bench.get("/t/doc/p").status
            }
            let first = try await status()
            #expect(first == 200)
            bench.upstream.set(Self.url, .init(status: 404))
            #expect(try await status() == 404)
            bench.upstream.set(Self.url, present)
            #expect(try await status() == 200)
            bench.time.advance(seconds: Self.month)
            bench.upstream.set(Self.url, .init(status: 404))
            #expect(try await status() == 200)
        }
    }

    @Test("a document that is too large shows that the upstream answers")
    func tooLarge() async throws {
        let bench = Bench { $0.documentByteLimit = 100 }
        bench.upstream.set(Self.url, document())
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            for _ in 0..<6 {
                bench.time.advance(seconds: 301)
                _ = try await bench.get("/t/doc/p")
            }
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            bench.upstream.set(Self.url, .init(pieces: [[UInt8](repeating: 0x6F, count: 101)]))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/t/doc/p").status == 200)
            await bench.idle()
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }
}
