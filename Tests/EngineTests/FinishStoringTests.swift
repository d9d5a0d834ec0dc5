import Backends
import Engine
import Support
import Synchronization
import Testing

/// Shutting down while a file that a client has whole is not stored yet.
@Suite(.timeLimit(.minutes(5))) struct FinishStoringTests {
    /// Runs `body` while the commit of a file that its client has whole waits at the gate.
    private static func whileStoring(
        _ body: @Sendable (Bench, TestFile, Gate) async throws -> Void
    ) async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000_000)
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { (bench) async throws in
            #expect(try await bench.get("/t/doc/p").status == 200)
            await bench.idle()
            let gate = Gate()
            bench.blobs.faults.withLock { $0.commitGate = gate }
            #expect(try await bench.get(file.request).body == file.bytes)
            await gate.arrivals(1)
            try await body(bench, file, gate)
        }
    }

    @Test("a file that its client has whole is stored before the end")
    func stored() async throws {
        try await Self.whileStoring { (bench, file, gate) async throws in
            guard case .absent = bench.blobs.find(file.digest) else {
                Issue.record("it was stored before its commit")
                return
            }
            async let finished: Void = bench.engine.finishStoring()
            gate.open()
            await finished
            guard case .ready = bench.blobs.find(file.digest) else {
                Issue.record("it was not stored")
                return
            }
            #expect(try await bench.get(file.request).field("Cache-Status") == "larder; hit")
        }
    }

    @Test("closing ends the wait for a store that does not answer")
    func closed() async throws {
        try await Self.whileStoring { (bench, _, gate) async throws in
            async let finished: Void = bench.engine.finishStoring()
            bench.engine.close()
            await finished
            gate.open()
        }
    }
}
