import Engine
import HTTPModel
import Support
import Testing

/// What a request gets that may not wait.
@Suite(.timeLimit(.minutes(5))) struct BarredRequestTests {
    private static let file = TestFile("p/a.whl", byteCount: 3_000)

    private static func status(_ path: String, in bench: Bench) throws -> Int? {
        var head = RequestHead(method: .get, target: try RequestTarget(Array(path.utf8)))
        head.host = "localhost"
        guard case .reply(let reply) = bench.engine.answer(head, mayBegin: false) else {
            return nil
        }
        return reply.status
    }

    @Test("nothing is begun for a request that may not wait, and what is stored is served")
    func barred() async throws {
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(Self.file.line()))
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        try await Bench.run(bench) { bench in
            for path in ["/t/doc/p", Self.file.request] {
                let status = try Self.status(path, in: bench)
                #expect(status == 503)
                await bench.idle()
                #expect(bench.engine.fillCount == 0)
            }
            #expect(bench.upstream.requestCount == 0)
            for path in ["/t/doc/p", Self.file.request] {
                _ = try await bench.get(path)
                await bench.idle()
            }
            let count = bench.upstream.requestCount
            for path in ["/t/doc/p", Self.file.request] {
                let status = try Self.status(path, in: bench)
                #expect(status == 200)
            }
            // A stale page is what there is; nobody waits for its validation.
            bench.time.advance(seconds: 1_000)
            let stale = try Self.status("/t/doc/p", in: bench)
            #expect(stale == 200)
            await bench.idle()
            #expect(bench.upstream.requestCount == count)
        }
    }
}
