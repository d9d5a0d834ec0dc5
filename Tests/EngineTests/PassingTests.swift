import Engine
import Support
import Synchronization
import Testing

/// What goes on although our own stores do not answer.
@Suite(.timeLimit(.minutes(5))) struct PassingTests {
    @Test("B-1: what the database cannot tell of comes from the upstream, so many at once")
    func passing() async throws {
        let bench = Bench { $0.passingLimit = 2 }
        let files = (0..<4).map { TestFile("p\($0)/a.whl", byteCount: 30_000) }
        let gate = Gate()
        for (number, file) in files.enumerated() {
            bench.upstream.set("\(TestAdapter.root)/doc/p\(number)", document(file.line()))
            bench.upstream.set(file.url, .init(pieces: file.pieces, gate: gate))
        }
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/t/doc/p3")
            bench.database.isBroken.withLock { $0 = true }
            let running = files.prefix(2).map { file in
                (0..<3).map { _ in Task { try await bench.get(file.request) } }
            }
            await gate.arrivals(2)
            while bench.observer.counts.withLock({ $0.collapsed }) < 4 { await Task.yield() }
            #expect(bench.engine.passingCount == 2)
            let refused = try await bench.get(files[2].request)
            #expect(refused.status == 503 && refused.field("Retry-After") == "1")
            #expect(try await bench.get("/t/doc/p2").status == 503)
            // What is known here is served all the while.
            #expect(try await bench.get("/t/doc/p3").status == 200)
            gate.open()
            for (tasks, file) in zip(running, files) {
                for task in tasks { #expect(try await task.value.body == file.bytes) }
                #expect(bench.upstream.requests(of: file.url).count == 1)
            }
            while bench.engine.passingCount > 0 { await Task.yield() }
            #expect(try await bench.get(files[2].request).body == files[2].bytes)
        }
    }

    @Test("what a fresh document says of a file is read again where the database cannot be asked")
    func facts() async throws {
        let files = ["a", "b"].map { TestFile("p/\($0).whl", byteCount: 3_000) }
        let bench = Bench { $0.passingLimit = 2 }
        let page = "\(TestAdapter.root)/doc/p"
        bench.upstream.set(page, document(files.map { $0.line() }.joined(separator: "\n")))
        for file in files { bench.upstream.set(file.url, .init(pieces: file.pieces)) }
        try await Bench.run(bench) { bench in
            let before = try await bench.get("/t/doc/p")
            #expect(before.status == 200)
            bench.database.isBroken.withLock { $0 = true }
            for file in files {
                #expect(try await bench.get(file.request).body == file.bytes)
            }
            #expect(bench.upstream.requests(of: page).count == 2)
            // What it does not name is not asked for again and again.
            let absent = TestFile("p/c.whl", byteCount: 1)
            for _ in 0..<2 { #expect(try await bench.get(absent.request).status == 404) }
            #expect(bench.upstream.requests(of: page).count == 2)
        }
    }

    @Test("a failing look-up is not taken for absence, and not remembered")
    func failing() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let bench = Bench { $0.passingLimit = 2 }
        let page = "\(TestAdapter.root)/doc/p"
        bench.upstream.set(page, document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            let before = try await bench.get("/t/doc/p")
            #expect(before.status == 200)
            bench.database.isBroken.withLock { $0 = true }
            bench.upstream.set(page, .init(status: 500))
            let refused = try await bench.get(file.request)
            #expect(refused.status >= 500)
            bench.database.isBroken.withLock { $0 = false }
            #expect(try await bench.get(file.request).body == file.bytes)
        }
    }
}
