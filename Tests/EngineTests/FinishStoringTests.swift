import Backends
import Engine
import Support
import Synchronization
import Testing

/// Shutting down while a file that a client has whole is not stored yet.
@Suite(.timeLimit(.minutes(1))) struct FinishStoringTests {
    private static func bench(_ file: TestFile) -> Bench {
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        return bench
    }

    @Test("a file that its client has whole is stored before the end")
    func stored() async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000_000)
        let bench = Self.bench(file)
        try await Bench.run(bench) { (bench) async throws in
            #expect(try await bench.get("/t/doc/p").status == 200)
            await bench.idle()
            let held = Gate()
            bench.blobs.faults.withLock { $0.commitGate = held }
            #expect(try await bench.get(file.request).body == file.bytes)
            await held.arrivals(1)
            guard case .absent = bench.blobs.find(file.digest) else {
                Issue.record("it was stored before its commit")
                return
            }
            async let finished: Void = bench.engine.finishStoring()
            held.open()
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
        let file = TestFile("p/a.whl", byteCount: 3_000_000)
        let bench = Self.bench(file)
        try await Bench.run(bench) { (bench) async throws in
            #expect(try await bench.get("/t/doc/p").status == 200)
            await bench.idle()
            let held = Gate()
            bench.blobs.faults.withLock { $0.commitGate = held }
            #expect(try await bench.get(file.request).body == file.bytes)
            await held.arrivals(1)
            async let finished: Void = bench.engine.finishStoring()
            bench.engine.close()
            await finished
            held.open()
        }
    }
}
