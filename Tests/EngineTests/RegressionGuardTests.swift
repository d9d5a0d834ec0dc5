import Backends
import Engine
import HTTPModel
import Resources
import Synchronization
import Testing

/// New versions of documents that do not take the place of good ones.
@Suite(.timeLimit(.minutes(5))) struct RegressionGuardTests {
    private static let heldBack = "detail=held-back"

    /// Whether an answer is the held document, marked as it must be.
    private func expectHeld(
        _ got: Bench.Got, _ first: Bench.Got, location: SourceLocation = #_sourceLocation
    ) {
        #expect(got.status == 200 && got.body == first.body, sourceLocation: location)
        let status = got.field("Cache-Status") ?? ""
        #expect(status.contains(Self.heldBack), "\(status)", sourceLocation: location)
        #expect(got.field("Cache-Control") == "public, max-age=0", sourceLocation: location)
    }

    private func told(_ bench: Bench) -> [String] { bench.observer.counts.withLock { $0.heldBack } }

    private func events(_ bench: Bench, _ kind: StoredEvent.Kind) async throws -> [StoredEvent] {
        try await bench.metadata.recent(limit: 100).filter { $0.kind == kind }
    }

    @Test(
        "one that lost most of its entries: the good one stays, and stays so",
        arguments: GuardedRegistry.all)
    func shrunk(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        registry.publish(3, age: 10, tag: "\"1\"", on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            #expect(first.status == 200)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 11, tag: "\"2\"", on: bench)
            let held = try await bench.get(registry.path)
            expectHeld(held, first)
            #expect(held.field("Cache-Status")?.contains("fwd=stale; ttl=-1;") == true)
            #expect(told(bench) == ["\(registry.label) \(registry.path) shrunk"])
            let events = try await events(bench, .heldBack)
            #expect(events.map(\.upstream) == [registry.label])
            #expect(events.map(\.subject) == [registry.name])
            #expect(bench.observer.counts.withLock { $0.outages } == [])
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    @Test(
        "the usual pace; an unchanged one is not read again, also after a restart",
        arguments: GuardedRegistry.all)
    func unchanged(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        registry.publish(3, age: 10, tag: "\"1\"", on: bench)
        let first = Mutex(Bench.Got())
        try await Bench.run(bench) { bench in
            let good = try await bench.get(registry.path)
            first.withLock { $0 = good }
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 11, tag: "\"2\"", on: bench)
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 299)
            let early = try await bench.get(registry.path)
            expectHeld(early, good)
            #expect(early.rounds == 0 && bench.upstream.requestCount == 2)
            #expect(early.field("Cache-Status")?.hasPrefix("larder; hit; ttl=-300;") == true)
            let read = bench.blobs.meters.fetched.total
            bench.time.advance(seconds: 2)
            expectHeld(try await bench.get(registry.path), good)
            #expect(
                bench.upstream.requests(of: registry.url).map(\.ifNoneMatch) == [
                    nil, "\"1\"", "\"1\"",
                ])
            #expect(bench.blobs.meters.fetched.total == read)
            #expect(told(bench).count == 1)
            #expect(try await events(bench, .heldBack).count == 1)
        }
        let next = registry.bench(restarting: bench)
        let good = first.withLock { $0 }
        registry.publish(1, age: 11, tag: "\"2\"", on: next)
        try await Bench.run(next) { next in
            next.time.advance(seconds: 603)
            expectHeld(try await next.get(registry.path), good)
            #expect(next.upstream.requestCount == 0)
            next.time.advance(seconds: 300)
            let read = next.blobs.meters.fetched.total
            expectHeld(try await next.get(registry.path), good)
            #expect(next.upstream.requestCount == 1 && next.blobs.meters.fetched.total == read)
            #expect(told(next) == [])
        }
    }

    @Test("an older one from a node that lags behind", arguments: GuardedRegistry.all)
    func older(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        registry.publish(3, age: 20, on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(2, age: 19, on: bench)
            let got = try await bench.get(registry.path)
            guard registry.tellsAge else {
                #expect(got.status == 200 && got.body != first.body)
                return
            }
            expectHeld(got, first)
            #expect(told(bench) == ["\(registry.label) \(registry.path) older"])
            // Without a tag it is read each time, and told once.
            bench.time.advance(seconds: 301)
            expectHeld(try await bench.get(registry.path), first)
            #expect(told(bench).count == 1)
            // The next node is up to date.
            bench.time.advance(seconds: 301)
            registry.publish(4, age: 21, on: bench)
            let new = try await bench.get(registry.path)
            #expect(new.status == 200 && new.body != first.body)
            #expect(new.field("Cache-Control") == "public, max-age=300")
            #expect(new.field("Cache-Status")?.contains(Self.heldBack) == false)
        }
    }

    @Test(
        "the good one comes back, as a 304 or as the same bytes: fresh, and nothing is held back",
        arguments: GuardedRegistry.all)
    func comesBack(_ registry: GuardedRegistry) async throws {
        for tag in ["\"1\"", nil] {
            let bench = registry.bench()
            registry.publish(3, age: 20, tag: tag, on: bench)
            try await Bench.run(bench) { bench in
                let first = try await bench.get(registry.path)
                bench.time.advance(seconds: 301)
                registry.publish(1, age: 21, on: bench)
                expectHeld(try await bench.get(registry.path), first)
                #expect(try await bench.metadata.heldBack(limit: 9).map(\.key) == [registry.key])
                // Accepted a moment before the upstream heals.
                try await bench.metadata.accept(registry.key, until: .max)
                bench.time.advance(seconds: 301)
                registry.publish(3, age: 20, tag: tag, on: bench)
                let back = try await bench.get(registry.path)
                #expect(back.body == first.body)
                #expect(back.field("Cache-Control") == "public, max-age=300")
                #expect(back.field("Cache-Status")?.contains(Self.heldBack) == false)
                #expect(try await bench.metadata.heldBack(limit: 9).isEmpty)
                #expect(try await !bench.metadata.isAccepted(registry.key, at: bench.time.now))
                bench.time.advance(seconds: 301)
                registry.publish(1, age: 22, on: bench)
                expectHeld(try await bench.get(registry.path), first)
            }
        }
    }

    @Test(
        "what is no document: the good one stays; the same answer is not read again",
        arguments: GuardedRegistry.all)
    func invalid(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        let garbage = "<!DOCTYPE html><html><body><form>Log in</form></body></html>"
        registry.publish(3, age: 10, tag: "\"1\"", on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            registry.publish(garbage, tag: "\"2\"", on: bench)
            for count in 1...3 {
                bench.time.advance(seconds: 301)
                expectHeld(try await bench.get(registry.path), first)
                #expect(bench.upstream.requestCount == count + 1)
            }
            #expect(bench.observer.counts.withLock { $0.documentsRefused } == 1)
            #expect(told(bench) == ["\(registry.label) \(registry.path) invalid"])
            // Nobody can accept what is no document; the acceptance waits for one.
            try await bench.metadata.accept(registry.key, until: .max)
            bench.time.advance(seconds: 301)
            expectHeld(try await bench.get(registry.path), first)
            #expect(try await bench.metadata.isAccepted(registry.key, at: bench.time.now))
        }
        try await Bench.run(registry.bench()) { bench in
            registry.publish(garbage, on: bench)
            let got = try await bench.get(registry.path)
            #expect(got.status == 502)
        }
    }

    @Test("an accepted one is taken, once", arguments: GuardedRegistry.all)
    func accepted(_ registry: GuardedRegistry) async throws {
        let bench = registry.bench()
        registry.publish(8, age: 10, tag: "\"1\"", on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(3, age: 11, tag: "\"2\"", on: bench)
            expectHeld(try await bench.get(registry.path), first)
            try await bench.metadata.accept(registry.key, until: bench.time.now + 3_600)
            bench.time.advance(seconds: 301)
            let taken = try await bench.get(registry.path)
            #expect(taken.status == 200 && taken.body != first.body)
            #expect(taken.field("Cache-Control") == "public, max-age=300")
            #expect(taken.field("Cache-Status")?.contains(Self.heldBack) == false)
            #expect(try await !bench.metadata.isAccepted(registry.key, at: bench.time.now))
            #expect(try await bench.metadata.heldBack(limit: 9).isEmpty)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 12, tag: "\"3\"", on: bench)
            expectHeld(try await bench.get(registry.path), taken)
        }
    }

    @Test("an acceptance that has run out, or a database that cannot tell, lets nothing in")
    func notAccepted() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(8, age: 10, on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            try await bench.metadata.accept(registry.key, until: bench.time.now + 300)
            bench.time.advance(seconds: 301)
            registry.publish(3, age: 11, on: bench)
            expectHeld(try await bench.get(registry.path), first)
            try await bench.metadata.accept(registry.key, until: .max)
            bench.database.isBroken.withLock { $0 = true }
            bench.time.advance(seconds: 301)
            expectHeld(try await bench.get(registry.path), first)
            bench.database.isBroken.withLock { $0 = false }
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(registry.path).body != first.body)
        }
    }

    @Test("a good version uses an acceptance up: it was the next one")
    func acceptedAndGood() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(8, age: 10, on: bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(3, age: 11, on: bench)
            _ = try await bench.get(registry.path)
            try await bench.metadata.accept(registry.key, until: .max)
            bench.time.advance(seconds: 301)
            registry.publish(9, age: 12, on: bench)
            let good = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 13, on: bench)
            expectHeld(try await bench.get(registry.path), good)
        }
    }

    @Test("a document that tells nothing of itself is never held back")
    func noMarks() async throws {
        let bench = Bench()
        let url = "\(TestAdapter.root)/doc/p"
        bench.upstream.set(url, document("a 00 1 0", "b 00 1 0", "c 00 1 0"))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.time.advance(seconds: 301)
            bench.upstream.set(url, document())
            #expect(try await bench.get("/t/doc/p").text == "rendered ok")
            #expect(told(bench) == [])
        }
    }

    @Test("a hundred requests for a document that goes back are one fetch, and one alarm")
    func collapsed() async throws {
        let registry = GuardedRegistry.npm
        let bench = registry.bench()
        registry.publish(3, age: 20, on: bench)
        try await Bench.run(bench) { bench in
            let first = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(3, age: 19, on: bench)
            try await withThrowingTaskGroup(of: Bench.Got.self) { group in
                for _ in 0..<100 { group.addTask { try await bench.get(registry.path) } }
                for try await got in group { expectHeld(got, first) }
            }
            #expect(bench.upstream.requestCount == 2 && told(bench).count == 1)
        }
    }
}
