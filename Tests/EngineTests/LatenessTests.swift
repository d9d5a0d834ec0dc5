import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// Upstreams whose answers begin in time and then take theirs (cases U-4 and U-6 of the catalogue).
@Suite(.timeLimit(.minutes(5))) struct LatenessTests {
    private static let file = TestFile("p/a.whl", byteCount: 3)
    private static let text = Array(
        "ok\n\((0..<1_200).map { "\($0)\(file.line())" }.joined(separator: "\n"))".utf8)

    private static func url(_ name: String) -> String { "\(TestAdapter.root)/doc/\(name)" }

    /// A document whose body stops at the gate after so many bytes.
    private static func slow(_ count: Int, _ gate: Gate) -> FakeUpstream.Script {
        .init(pieces: [Array(text[..<count]), Array(text[count...])], bodyGate: gate)
    }

    /// Two documents that are held and stale, and whose upstream now stops after so many bytes.
    private static func run(
        stoppingAfter count: Int, _ body: @Sendable (Bench, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        try await Bench.run { bench in
            for name in ["p", "q"] {
                bench.upstream.set(url(name), document(file.line()))
                _ = try await bench.get("/t/doc/\(name)")
                bench.upstream.set(url(name), slow(count, gate))
            }
            bench.time.advance(seconds: 400)
            try await body(bench, gate)
            gate.open()
            await bench.idle()
        }
    }

    /// Asks for a stale document, and waits in vain as soon as the body has begun.
    private static func wait(
        _ name: String, _ bench: Bench, _ gate: Gate, arrivals: Int = 1,
        seconds: Int64 = 1
    ) async throws {
        var head = RequestHead(
            method: .get, target: try RequestTarget(Array("/t/doc/\(name)".utf8)))
        head.host = "localhost"
        guard case .pending(let pending) = bench.engine.answer(head) else {
            throw Bench.Unanswered()
        }
        await gate.arrivals(arrivals)
        bench.time.advance(seconds: seconds)
        guard case .reply(let reply) = bench.engine.resume(pending, for: head, after: .deadline)
        else { throw Bench.Unanswered() }
        #expect(reply.status == 200)
    }

    @Test(
        "U-4: a body that creeps makes an outage: the first waits, all others are answered at once")
    func creeping() async throws {
        try await Self.run(stoppingAfter: 100) { bench, gate in
            try await Self.wait("p", bench, gate)
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            for name in ["p", "q", "p"] {
                let got = try await bench.get("/t/doc/\(name)")
                #expect(got.status == 200 && got.rounds == 0, "\(name)")
            }
            #expect(bench.upstream.requests(of: Self.url("p")).count == 2)
            #expect(bench.upstream.requests(of: Self.url("q")).count == 1)
            gate.open()
            await bench.idle()
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }

    @Test("a long one that comes is no outage; who asks for the same is not kept waiting")
    func long() async throws {
        try await Self.run(stoppingAfter: 70_000) { bench, gate in
            try await Self.wait("p", bench, gate)
            let again = try await bench.get("/t/doc/p")
            #expect(again.status == 200 && again.rounds == 0)
            #expect(again.field("Cache-Status")?.contains("stale-while-revalidate") == true)
            try await Self.wait("q", bench, gate, arrivals: 2)
            #expect(bench.upstream.requests(of: Self.url("q")).count == 2)
            #expect(bench.observer.counts.withLock { $0.outages } == [])
        }
    }

    @Test("a head that came late is no outage: the body has had no time")
    func lateHead() async throws {
        try await Self.run(stoppingAfter: 100) { bench, gate in
            try await Self.wait("p", bench, gate, seconds: 0)
            #expect(bench.observer.counts.withLock { $0.outages } == [])
        }
    }

    @Test("a fill is late once, however many wait for it")
    func once() async throws {
        try await Self.run(stoppingAfter: 100) { bench, gate in
            var head = RequestHead(method: .get, target: try RequestTarget(Array("/t/doc/p".utf8)))
            head.host = "localhost"
            let answers = [bench.engine.answer(head), bench.engine.answer(head)]
            await gate.arrivals(1)
            bench.time.advance(seconds: 1)
            for answer in answers {
                guard case .pending(let pending) = answer else { throw Bench.Unanswered() }
                _ = bench.engine.resume(pending, for: head, after: .deadline)
                // Another document shows that the upstream lives.
                bench.upstream.set(Self.url("q"), document(Self.file.line(published: 9)))
                bench.time.advance(seconds: 6)
                _ = try await bench.get("/t/doc/q") { $0.asksForRefresh = true }
                while bench.engine.fillCount > 1 { await Task.yield() }
            }
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }
}
