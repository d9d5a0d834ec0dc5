import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// What a client may get before the verdict on a body, and what is refused after one.
@Suite(.timeLimit(.minutes(5))) struct VerdictTests {
    private static let page = "\(TestAdapter.root)/doc/p"

    private func bench(
        _ file: TestFile, published: Int64 = 0, _ change: (inout EngineRules) -> Void = { _ in }
    ) -> Bench {
        let bench = Bench(change)
        bench.upstream.set(Self.page, document(file.line(published: published)))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        return bench
    }

    @Test("a range of a corrupt body that is still arriving never ends as a whole 206, rule I2")
    func range() async throws {
        let file = TestFile("p/a.whl", byteCount: 400_000)
        var pieces = file.pieces
        pieces[0][0] ^= 1
        let gate = Gate()
        let bench = bench(file)
        bench.upstream.set(file.url, .init(pieces: pieces, bodyGate: gate))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(
                file.request, { $0.range = "bytes=0-999" }, whenFollowing: gate.open)
            #expect(got.status == 206)
            #expect(got.isBroken)
            #expect(got.body.count < 1_000)
        }
    }

    @Test("an empty body where bytes are promised is no empty file")
    func empty() async throws {
        let file = TestFile("p/a.whl", byteCount: 50)
        let bench = Bench()
        // A document that promises a digest and no size, as an HTML page does.
        let line = "a.whl \(file.digest.hex) unknown 0"
        bench.upstream.set(Self.page, document(line))
        bench.upstream.set(file.url, .init(pieces: [[]]))
        try await Bench.run(bench) { bench in
            for _ in 0..<20 {
                let got = try await bench.get(file.request)
                #expect(got.status == 502 || got.isBroken)
            }
        }
    }

    @Test("a pin binds when nothing can be stored, too")
    func pinOnFullDisk() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let other = TestFile("p/a.whl", byteCount: 3_001)
        let first = bench(file)
        try await Bench.run(first) { _ = try await $0.get(file.request) }
        try await first.metadata.remove(
            CacheKey(.artifact("p/a.whl"), of: TestAdapter().identity))
        let next = Bench(restarting: first)
        next.upstream.set(Self.page, document(other.line()))
        next.upstream.set(other.url, .init(pieces: other.pieces))
        next.time.advance(seconds: 1_000)
        next.blobs.faults.withLock { $0.failsToStage = true }
        try await Bench.run(next) { next in
            _ = try await next.get("/t/doc/p")
            let got = try await next.get(file.request)
            #expect(got.status == 502 || got.isBroken)
            #expect(next.observer.counts.withLock { $0.integrityFailures } == ["pin"])
        }
    }

    @Test(
        "M-7: a stored file whose page promises another digest by now is not served as if it were")
    func changedPromise() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let other = TestFile("p/a.whl", byteCount: 3_001)
        let bench = bench(file)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(file.request)
            bench.upstream.set(Self.page, document(other.line()))
            bench.upstream.set(other.url, .init(pieces: other.pieces))
            bench.time.advance(seconds: 301)
            _ = try await bench.get("/t/doc/p")
            #expect(try await bench.get(file.request).status == 502)
            #expect(bench.observer.counts.withLock { $0.integrityFailures } == ["pin"])
        }
        // The same after a restart, when only the database knows.
        let next = Bench(restarting: bench)
        next.upstream.set(other.url, .init(pieces: other.pieces))
        try await Bench.run(next) { next in
            let got = try await next.get(file.request)
            #expect(got.status == 502)
        }
    }

    @Test("files of a young project that was taken away are refused, also after a restart")
    func withdrawnFiles() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let bench = bench(file, published: 999_000)
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            _ = try await bench.get(file.request)
            bench.upstream.set(Self.page, .init(status: 404))
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/t/doc/p").status == 404)
            let refused = try await bench.get(file.request)
            #expect(refused.status == 404)
            #expect(refused.text.contains("withdrawn"))
        }
        let next = Bench(restarting: bench)
        next.time.advance(seconds: 302)
        next.upstream.set(Self.page, document(file.line(published: 999_000)))
        try await Bench.run(next) { next in
            let refused = try await next.get(file.request)
            #expect(refused.status == 404)
            // It comes back upstream, and with it what is stored.
            next.time.advance(seconds: 31)
            #expect(try await next.get("/t/doc/p").status == 200)
            #expect(try await next.get(file.request).body == file.bytes)
        }
    }

    @Test("with a lifetime of zero each request asks once, and is answered")
    func zeroLifetime() async throws {
        let file = TestFile("p/a.whl", byteCount: 30)
        let bench = Bench(ceilingSeconds: 0)
        bench.upstream.set(Self.page, document(file.line()))
        try await Bench.run(bench) { bench in
            for count in 1...3 {
                let got = try await bench.get("/t/doc/p")
                #expect(got.status == 200)
                #expect(got.field("Cache-Control") == "public, max-age=0")
                #expect(bench.upstream.requests(of: Self.page).count == count)
            }
        }
    }

    @Test("downloads that fill their table keep no page waiting")
    func pagesApart() async throws {
        let file = TestFile("p/a.whl", byteCount: 300_000)
        let gate = Gate()
        let bench = bench(file) { $0.fillLimit = 1 }
        bench.upstream.set(file.url, .init(pieces: file.pieces, bodyGate: gate))
        bench.upstream.set("\(TestAdapter.root)/doc/q", document())
        try await Bench.run(bench) { bench in
            async let slow = bench.get(file.request)
            await gate.arrivals(1)
            #expect(try await bench.get("/t/doc/q").status == 200)
            #expect(try await bench.get("/t/file/p/other.whl").status == 503)
            gate.open()
            _ = try await slow
        }
    }

    @Test("too many fetches of pages: the stale copy rather than 503")
    func staleWhenBusy() async throws {
        let file = TestFile("p/a.whl", byteCount: 30)
        let gate = Gate()
        let bench = bench(file) { $0.pageLimit = 1 }
        bench.upstream.set("\(TestAdapter.root)/doc/slow", .init(gate: gate))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.time.advance(seconds: 301)
            async let slow = bench.get("/t/doc/slow")
            await gate.arrivals(1)
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == 200)
            #expect(got.field("Cache-Control") == "public, max-age=0")
            gate.open()
            _ = try await slow
        }
    }

    @Test("a page that changes leaves no old body behind")
    func replacedBodies() async throws {
        let file = TestFile("p/a.whl", byteCount: 30)
        let bench = bench(file)
        let old = BlobDigest.of(Array("ok\n\(file.line())".utf8))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            guard case .ready = bench.blobs.find(old) else {
                Issue.record("the page is not stored")
                return
            }
            bench.upstream.set(Self.page, document())
            bench.time.advance(seconds: 301)
            _ = try await bench.get("/t/doc/p")
            guard case .absent = bench.blobs.find(old) else {
                Issue.record("the old page is still there")
                return
            }
        }
    }

    @Test("what cannot be looked up once is looked up again: a hit stays a hit")
    func brokenLookup() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let first = bench(file)
        try await Bench.run(first) { _ = try await $0.get(file.request) }
        let next = Bench(restarting: first)
        next.upstream.set(Self.page, .init(failure: .unreachable(code: 7)))
        next.database.isBroken.withLock { $0 = true }
        try await Bench.run(next) { next in
            #expect(try await next.get(file.request).status == 503)
            next.database.isBroken.withLock { $0 = false }
            let got = try await next.get(file.request)
            #expect(got.status == 200)
            #expect(got.field("Cache-Status") == "larder; hit")
        }
    }

    @Test("the file host's good answers do not hide that the index hangs")
    func healthByOrigin() async throws {
        let file = TestFile("p/a.whl", byteCount: 30)
        let gate = Gate()
        let bench = Bench(fileHost: "https://files.example")
        bench.upstream.set(Self.page, document(file.line()))
        bench.upstream.set("https://files.example/file/p/a.whl", .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set(Self.page, .init(gate: gate))
            bench.time.advance(seconds: 301)
            _ = try await bench.get("/t/doc/p", patience: .none)
            #expect(try await bench.get(file.request).body == file.bytes)
            let next = try await bench.get("/t/doc/p", patience: .none)
            #expect(next.rounds == 0, "still nobody waits")
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            gate.open()
        }
    }

    @Test("closing ends what is under way and takes nothing more")
    func closing() async throws {
        let gate = Gate()
        let bench = Bench()
        bench.upstream.set(Self.page, .init(gate: gate))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.engine.run() }
            async let pending = bench.get("/t/doc/p")
            await gate.arrivals(1)
            bench.engine.close()
            #expect(try await pending.status == 503)
            gate.open()
            #expect(try await bench.get("/t/doc/other").status == 503)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
