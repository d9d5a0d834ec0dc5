import Engine
import Support
import Synchronization
import Testing

/// What goes on although our own stores do not answer.
@Suite(.timeLimit(.minutes(1))) struct PassingTests {
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
}
