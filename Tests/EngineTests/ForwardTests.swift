import Backends
import Compression
import Ecosystems
import Engine
import HTTPModel
import Support
import Testing

/// Clients' bodies that are sent on to the upstream.
@Suite(.timeLimit(.minutes(5))) struct ForwardTests {
    private static let url = "\(TestAdapter.root)/ask"

    private static func answer(
        _ text: String, status: Int = 200, type: String = "application/json"
    ) -> FakeUpstream.Script {
        .init(status: status, headers: [("content-type", type)], pieces: [Array(text.utf8)])
    }

    @Test("a body goes on as it came, with its type and coding, and the answer comes back")
    func forwards() async throws {
        try await Bench.run { bench in
            bench.upstream.set(Self.url, Self.answer("{\"a\":[]}"))
            let got = try await bench.send(.post, "/t/ask", body: "raw \u{1}") {
                $0.contentType = "application/x"
                $0.contentEncoding = "gzip"
                $0.accept = "text/html"
                $0.acceptEncoding = "br"
            }
            #expect(got.status == 200)
            #expect(got.text == "{\"a\":[]}")
            #expect(got.field("Content-Type") == "application/json")
            #expect(got.field("Cache-Control") == "no-store")
            #expect(got.field("Cache-Status") == "larder; fwd=method; fwd-status=200")
            #expect(got.field("Content-Encoding") == nil)
            let sent = try #require(bench.upstream.requests(of: Self.url).first)
            #expect(
                sent.content
                    == UpstreamContent(
                        Array("raw \u{1}".utf8), contentType: "application/x",
                        contentEncoding: "gzip"))
            #expect(sent.accept == "application/json")
            #expect(sent.limits.bodyBytes == 2_000)
            #expect(bench.engine.fillCount == 0)
        }
    }

    @Test("nothing is stored or collapsed: each request is asked for itself")
    func neverStored() async throws {
        try await Bench.run { bench in
            bench.upstream.set(Self.url, Self.answer("1"), Self.answer("2"))
            let first = try await bench.send(.post, "/t/ask", body: "q")
            let second = try await bench.send(.post, "/t/ask", body: "q")
            #expect([first.text, second.text] == ["1", "2"])
            #expect(
                bench.upstream.requests(of: Self.url).map(\.content?.contentType) == [
                    "text/default", "text/default",
                ])
        }
    }

    @Test("a body is wanted where a route forwards a POST, and nowhere else")
    func limits() throws {
        let bench = Bench()
        let rows: [(Method, String, Int?)] = [
            (.post, "/t/ask", 1_000), (.get, "/t/ask", nil), (.other, "/t/ask", nil),
            (.post, "/t/doc/p", nil), (.post, "/t/nothing", nil), (.post, "/elsewhere", nil),
            (.post, "/t/off", nil),
        ]
        for (method, path, limit) in rows {
            let head = RequestHead(method: method, target: try RequestTarget(Array(path.utf8)))
            #expect(bench.engine.bodyLimit(for: head) == limit, "\(method) \(path)")
        }
    }

    // MARK: Bodies that are read

    @Test(
        "a body that the adapter reads is decoded, filtered and sent without a coding",
        arguments: ["identity", "gzip", "X-GZIP"])
    func reads(_ coding: String) async throws {
        try await Bench.run { bench in
            bench.upstream.set(Self.url, Self.answer("ok"))
            let plain = Array("axbxc".utf8)
            let body = coding == "identity" ? plain : try gzip(plain)
            let got = try await bench.send(.post, "/t/ask/read", bytes: body) {
                $0.contentEncoding = coding
                $0.contentType = "application/json"
            }
            #expect(got.status == 200)
            #expect(
                bench.upstream.requests(of: Self.url).map(\.content) == [
                    UpstreamContent(Array("abc".utf8), contentType: "application/json")
                ])
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let coding: String?
        let status: Int
    }

    static let bad: [Bad] = [
        Bad(
            testDescription: "one that the adapter refuses", bytes: Array("!".utf8), coding: nil,
            status: 400),
        Bad(
            testDescription: "no gzip", bytes: Array("abc".utf8), coding: "gzip", status: 400),
        Bad(
            testDescription: "gzip that is cut", bytes: Array(short.dropLast(4)), coding: "gzip",
            status: 400),
        Bad(testDescription: "a gzip bomb", bytes: zeros, coding: "gzip", status: 413),
        Bad(
            testDescription: "a coding that we do not know", bytes: [1], coding: "br", status: 415),
    ]

    private static let short = (try? gzip(Array("abc".utf8))) ?? []
    /// A hundred thousand zeros in some hundred bytes.
    private static let zeros = (try? gzip([UInt8](repeating: 0, count: 100_000))) ?? []

    @Test("a body that cannot be read is refused, and nothing is sent", arguments: bad)
    func refusesUnreadable(_ row: Bad) async throws {
        let bench = Bench(adapter: { $0.errorForm = .json })
        try await Bench.run(bench) { bench in
            bench.upstream.set(Self.url, Self.answer("ok"))
            let got = try await bench.send(.post, "/t/ask/read", bytes: row.bytes) {
                $0.contentEncoding = row.coding
            }
            #expect(got.status == row.status)
            #expect(got.text.hasPrefix("{\"error\":\""))
            #expect(bench.upstream.requestCount == 0)
        }
    }

    // MARK: Answers

    struct Said: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
        let status: Int
        /// The body's text; nil for an error of ours.
        var text: String?
        var retryAfter: String?
    }

    static let said: [Said] = [
        Said(
            testDescription: "400 with an error object",
            script: answer("{\"error\":1}", status: 400),
            status: 400, text: "{\"error\":1}"),
        Said(
            testDescription: "404 with a page",
            script: answer("<p>", status: 404, type: "text/html"),
            status: 404),
        Said(testDescription: "410", script: answer("{}", status: 410), status: 410, text: "{}"),
        Said(testDescription: "401 for larder", script: answer("{}", status: 401), status: 403),
        Said(testDescription: "407", script: answer("{}", status: 407), status: 403),
        Said(
            testDescription: "429 with its Retry-After",
            script: .init(
                status: 429, headers: [("content-type", "application/json"), ("retry-after", "7")],
                pieces: [Array("{}".utf8)]), status: 429, text: "{}", retryAfter: "7"),
        Said(testDescription: "500", script: answer("{}", status: 500), status: 502),
        Said(
            testDescription: "503 with Retry-After",
            script: .init(status: 503, headers: [("retry-after", "9")]), status: 503,
            retryAfter: "9"),
        Said(testDescription: "304 to nothing", script: answer("", status: 304), status: 502),
        Said(
            testDescription: "gzip without a field that says so",
            script: .init(
                headers: [("content-type", "application/json")],
                pieces: [(try? gzip(Array("{\"a\":1}".utf8))) ?? []]), status: 200,
            text: "{\"a\":1}"),
        Said(
            testDescription: "broken gzip without a field that says so",
            script: .init(pieces: [[0x1F, 0x8B, 0x08, 0x00]]), status: 502),
        Said(
            testDescription: "a gzip bomb without a field that says so",
            script: .init(pieces: [zeros]), status: 502),
        Said(
            testDescription: "of the limit", script: answer(.init(repeating: "x", count: 2_000)),
            status: 200, text: .init(repeating: "x", count: 2_000)),
        Said(
            testDescription: "over the limit",
            script: .init(pieces: [[1], [UInt8](repeating: 0, count: 2_000)]), status: 502),
        Said(
            testDescription: "broken off",
            script: .init(pieces: [Array("{".utf8)], ending: .truncated), status: 502),
        Said(
            testDescription: "no connection", script: .init(failure: .unreachable(code: 7)),
            status: 503, retryAfter: "5"),
        Said(
            testDescription: "too late", script: .init(failure: .timedOut(.head)), status: 503,
            retryAfter: "5"),
        Said(
            testDescription: "a refused redirect", script: .init(failure: .redirectRefused),
            status: 502),
    ]

    @Test(
        "what the upstream says goes to the client; a failure is an error and never empty",
        arguments: said)
    func answers(_ row: Said) async throws {
        let bench = Bench(adapter: { $0.errorForm = .json })
        try await Bench.run(bench) { bench in
            bench.upstream.set(Self.url, row.script)
            let got = try await bench.send(.post, "/t/ask", body: "q")
            #expect(got.status == row.status)
            #expect(got.field("Retry-After") == row.retryAfter)
            #expect(got.field("Content-Type") == "application/json")
            #expect(got.field("Cache-Control") == "no-store")
            if let text = row.text {
                #expect(got.text == text)
            } else {
                #expect(got.text.hasPrefix("{\"error\":\"upstream test "))
            }
            #expect(bench.upstream.requestCount == 1)
        }
    }
}
