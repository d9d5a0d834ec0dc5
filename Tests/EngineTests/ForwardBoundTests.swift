import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// What bounds forwarded requests, and what they say of an upstream.
@Suite(.timeLimit(.minutes(5))) struct ForwardBoundTests {
    private static let url = "\(TestAdapter.root)/ask"

    private static func answer(
        _ text: String, status: Int = 200, type: String = "application/json"
    ) -> FakeUpstream.Script {
        .init(status: status, headers: [("content-type", type)], pieces: [Array(text.utf8)])
    }

    @Test("too many at once are refused, and there is room again afterwards")
    func bounded() async throws {
        let bench = Bench(adapter: { _ in }) { $0.forwardLimit = 1 }
        try await Bench.run(bench) { bench in
            let gate = Gate()
            var slow = Self.answer("1")
            slow.gate = gate
            bench.upstream.set(Self.url, slow, Self.answer("2"))
            async let first = bench.send(.post, "/t/ask", body: "q")
            while bench.engine.fillCount == 0 { await Task.yield() }
            let refused = try await bench.send(.post, "/t/ask", body: "q")
            #expect(refused.status == 503)
            #expect(refused.field("Retry-After") == "1")
            gate.open()
            #expect(try await first.text == "1")
            #expect(try await bench.send(.post, "/t/ask", body: "q").text == "2")
        }
    }

    @Test("answers together have a limit, and give their room back when they are sent")
    func answerBudget() async throws {
        let bench = Bench(adapter: { _ in }) { $0.forwardedByteLimit = 1_500 }
        try await Bench.run(bench) { bench in
            bench.upstream.set(Self.url, Self.answer(.init(repeating: "x", count: 1_000)))
            let whileHeld = try await Self.status(of: bench, whileHolding: Self.reply(of: bench))
            #expect(whileHeld == 503)
            #expect(try await bench.send(.post, "/t/ask", body: "q").status == 200)
        }
    }

    /// An answer that is not sent yet.
    private static func reply(of bench: Bench) async throws -> Reply {
        let head = RequestHead(method: .post, target: try RequestTarget(Array("/t/ask".utf8)))
        var answer = bench.engine.answer(head, body: RequestBody([1]))
        while case .pending(let pending) = answer {
            await bench.news(of: pending.fill)
            answer = bench.engine.resume(pending, for: head, after: .news)
        }
        guard case .reply(let reply) = answer, reply.status == 200 else {
            throw FillFailure.abandoned
        }
        return reply
    }

    private static func status(of bench: Bench, whileHolding reply: Reply) async throws -> Int {
        defer { withExtendedLifetime(reply) {} }
        return try await bench.send(.post, "/t/ask", body: "q").status
    }

    @Test("nobody waits for an upstream that is known to be down; an answer says that it is up")
    func outage() async throws {
        try await Bench.run { bench in
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            for _ in 0..<3 { _ = try await bench.send(.post, "/t/ask", body: "q") }
            #expect(bench.upstream.requestCount == 3)
            bench.upstream.set(Self.url, Self.answer("up"))
            #expect(try await bench.send(.post, "/t/ask", body: "q").status == 503)
            #expect(bench.upstream.requestCount == 3)
            bench.time.advance(seconds: 6)
            #expect(try await bench.send(.post, "/t/ask", body: "q").text == "up")
            let outages = bench.observer.counts.withLock { $0.outages }
            #expect(outages == [false, true])
        }
    }

    @Test("a forwarded body leaves the probe to the documents")
    func leavesProbe() async throws {
        let page = "\(TestAdapter.root)/doc/p"
        try await Bench.run { bench in
            bench.upstream.set(page, document())
            #expect(try await bench.get("/t/doc/p").status == 200)
            bench.time.advance(seconds: 1_000)
            bench.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
            for _ in 0..<3 { _ = try await bench.send(.post, "/t/ask", body: "q") }
            bench.time.advance(seconds: 6)
            #expect(try await bench.send(.post, "/t/ask", body: "q").status == 503)
            #expect(bench.upstream.requests(of: Self.url).count == 4)
            #expect(try await bench.get("/t/doc/p").status == 200)
            await bench.idle()
            #expect(bench.upstream.requests(of: page).count == 2)
            let renewed = try await bench.get("/t/doc/p")
            #expect(renewed.field("Cache-Status")?.contains("hit") == true)
        }
    }

    @Test("an audit that fails is no outage of the documents")
    func noOutage() async throws {
        try await Bench.run { bench in
            for failure in [UpstreamError.timedOut(.head), .truncated, .tooLarge] {
                bench.upstream.set(Self.url, .init(failure: failure))
                _ = try await bench.send(.post, "/t/ask", body: "q")
            }
            bench.upstream.set(Self.url, Self.answer("", status: 500))
            for _ in 0..<3 { _ = try await bench.send(.post, "/t/ask", body: "q") }
            #expect(bench.upstream.requestCount == 6)
            let outages = bench.observer.counts.withLock { $0.outages }
            #expect(outages.isEmpty)
        }
    }

    @Test("a shutdown answers who waits")
    func closing() async throws {
        try await Bench.run { bench in
            let gate = Gate()
            var slow = Self.answer("1")
            slow.gate = gate
            bench.upstream.set(Self.url, slow)
            async let first = bench.send(.post, "/t/ask", body: "q")
            while bench.engine.fillCount == 0 { await Task.yield() }
            bench.engine.close()
            let waited = try await first
            #expect(waited.status == 503)
            gate.open()
        }
    }
}
