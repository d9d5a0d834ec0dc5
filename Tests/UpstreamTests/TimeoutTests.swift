import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct TimeoutTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: OriginAnswer
        let limits: TransferLimits
        /// Nil when the head comes.
        var head: UpstreamError.Phase?
        var body: UpstreamError.Phase?
    }

    /// Limits of which only the named ones are short.
    static func limits(
        firstByte: Duration = .seconds(30), pause: Duration = .seconds(30),
        total: Duration = .seconds(40)
    ) -> TransferLimits {
        var limits = TransferLimits(total: total, bodyBytes: 1 << 30)
        limits.firstByte = firstByte
        limits.pause = pause
        return limits
    }

    static let rows: [Row] = [
        Row(
            testDescription: "never answers", answer: .blackhole,
            limits: limits(firstByte: .milliseconds(150)), head: .head),
        Row(
            testDescription: "stalls after the head",
            answer: .pattern(9_000).with(\.cut, .init(afterByteCount: 0, kind: .stall)),
            limits: limits(pause: .milliseconds(150)), body: .body),
        Row(
            testDescription: "stalls within the body",
            answer: .pattern(90_000).with(\.cut, .init(afterByteCount: 50_000, kind: .stall)),
            limits: limits(pause: .milliseconds(150)), body: .body),
        Row(
            testDescription: "drips, a few bytes at a time",
            answer: .pattern(90_000).with(\.pace, .init(byteCount: 10, milliseconds: 20)),
            limits: limits(pause: .milliseconds(300)), body: .body),
        Row(
            testDescription: "goes on for longer than the total",
            answer: OriginAnswer.endlessBody.with(
                \.pace, .init(byteCount: 8_192, milliseconds: 20)),
            limits: limits(total: .seconds(2)), body: .total),
        Row(
            testDescription: "never answers, and the total is shorter", answer: .blackhole,
            limits: limits(total: .milliseconds(150)), head: .total),
    ]

    @Test("U-4: deadlines, rule U5", arguments: rows)
    func timesOut(_ row: Row) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/path", row.answer)
        var request = fetching.request("/path")
        request.limits = row.limits
        if let phase = row.head {
            await #expect(throws: UpstreamError.timedOut(phase)) {
                try await fetching.client.fetch(request)
            }
        } else if let phase = row.body {
            let response = try await fetching.client.fetch(request)
            await #expect(throws: UpstreamError.timedOut(phase)) {
                try await response.body.whole()
            }
        }
    }

    @Test("a connection that is never accepted")
    func connect() async throws {
        // A queue for one connection, which is taken: the kernel drops what comes next.
        let listener = try LoopbackSocket.listening(backlog: 0)
        let first = try LoopbackSocket.connected(to: listener.port)
        let client = try CurlClient(ClientSettings(version: "1"))
        let url = try #require(AbsoluteURL("http://127.0.0.1:\(listener.port)/"))
        var request = UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: url.origin), limits: Self.limits())
        request.limits.connect = .milliseconds(200)
        await #expect(throws: UpstreamError.timedOut(.connect)) { try await client.fetch(request) }
        first.shutDown()
    }

    @Test("redirects share one total")
    func totalAcrossRedirects() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .redirect(to: "/b"))
        fetching.origin.route("/b", .blackhole)
        var request = fetching.request("/a")
        request.limits = Self.limits(total: .milliseconds(200))
        await #expect(throws: UpstreamError.timedOut(.total)) {
            try await fetching.client.fetch(request)
        }
    }

    @Test("one origin that hangs delays no other")
    func others() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/hang", .blackhole)
        fetching.origin.route("/good", .text("good"))
        let hanging = Task { try await fetching.fetch("/hang") }
        await fetching.origin.ledger.requests(1, to: "/hang")
        for _ in 0..<20 {
            #expect(try await fetching.body(fetching.request("/good")) == Array("good".utf8))
        }
        hanging.cancel()
        await #expect(throws: UpstreamError.cancelled) { _ = try await hanging.value }
    }
}
