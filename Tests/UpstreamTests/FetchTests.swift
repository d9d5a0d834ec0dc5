import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct FetchTests {
    /// What comes of one behaviour of the origin.
    enum Outcome: Sendable {
        case whole(status: Int, byteCount: Int, declared: Int?, isProven: Bool)
        case noHead(UpstreamError)
        case brokenBody(UpstreamError)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: OriginAnswer
        var bodyBytes = 1 << 20
        let outcome: Outcome

        init(_ text: String, _ answer: OriginAnswer, bodyBytes: Int = 1 << 20, _ outcome: Outcome) {
            testDescription = text
            self.answer = answer
            self.bodyBytes = bodyBytes
            self.outcome = outcome
        }
    }

    static func whole(
        _ count: Int, status: Int = 200, declared: Int?, isProven: Bool = true
    ) -> Outcome {
        .whole(status: status, byteCount: count, declared: declared, isProven: isProven)
    }

    static let large = OriginAnswer.pattern(700_000)

    static let rows: [Row] = [
        Row("empty", .bytes([]), whole(0, declared: 0)),
        Row("one byte", .pattern(1), whole(1, declared: 1)),
        Row("many pieces", large, whole(700_000, declared: 700_000)),
        Row("chunked", large.with(\.framing, .chunked), whole(700_000, declared: nil)),
        Row(
            "HTTP/1.0 without length", large.with(\.framing, .close),
            whole(700_000, declared: nil, isProven: false)),
        Row(
            "404 with a body", OriginAnswer(404, .bytes([1, 2])), whole(2, status: 404, declared: 2)
        ),
        Row("429", .busy(429, retryAfter: "7"), whole(0, status: 429, declared: 0)),
        Row("503", .busy(503), whole(0, status: 503, declared: 0)),
        Row("304 unasked", OriginAnswer(304), whole(0, status: 304, declared: 0)),
        Row(
            "304 with Location", OriginAnswer(304, fields: [("Location", "/other")]),
            whole(0, status: 304, declared: 0)),
        Row(
            "206 unasked",
            OriginAnswer(206, .bytes([1]), fields: [("Content-Range", "bytes 5-5/9")]),
            whole(1, status: 206, declared: 1)),
        Row("302 without Location", OriginAnswer(302), whole(0, status: 302, declared: 0)),
        Row(
            "a few informational ones", .pattern(9).with(\.informational, (status: 103, count: 3)),
            whole(9, declared: 9)),
        Row(
            "trailers",
            .raw(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n"),
            whole(1, declared: nil)),
        Row("exactly the limit", .pattern(5_000), bodyBytes: 5_000, whole(5_000, declared: 5_000)),
        Row(
            "sends more than declared", large.with(\.framing, .declared(1_000)),
            whole(1_000, declared: 1_000)),

        Row("resets before the head", .reset, .noHead(.unreachable(code: 56))),
        Row("closes before the head", .raw(""), .noHead(.unreachable(code: 52))),
        Row("closes within the head", .raw("HTTP/1.1 200 OK\r\nA: b\r\n"), .noHead(.malformed)),
        Row("not HTTP", .raw("hello\n"), .noHead(.malformed)),
        Row(
            "CL and TE",
            .raw(
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
            ), .noHead(.malformed)),
        Row(
            "gzip as a transfer coding",
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx"), .noHead(.malformed)),
        Row("endless header fields", .endlessHeaders, .noHead(.tooLarge)),
        Row(
            "flood of informational ones",
            OriginAnswer().with(\.informational, (status: 103, count: 1_000)), .noHead(.tooLarge)),
        Row(
            "declares too much", .pattern(9).with(\.framing, .declared(1 << 40)), .noHead(.tooLarge)
        ),
        Row("redirects in a loop", .redirect(to: "/path"), .noHead(.redirectRefused)),
        Row(
            "redirects to another host", .redirect(to: "https://other.example/"),
            .noHead(.redirectRefused)),

        Row(
            "sends less than declared", large.with(\.framing, .declared(700_001)),
            .brokenBody(.truncated)),
        Row(
            "chunked without end", large.with(\.framing, .chunkedWithoutEnd),
            .brokenBody(.truncated)),
        Row(
            "reset within the body",
            large.with(\.cut, .init(afterByteCount: 300_000, kind: .reset)), .brokenBody(.truncated)
        ),
        Row(
            "closed one byte early",
            large.with(\.cut, .init(afterByteCount: 699_999, kind: .close)), .brokenBody(.truncated)
        ),
        Row(
            "closed at once", large.with(\.cut, .init(afterByteCount: 0, kind: .close)),
            .brokenBody(.truncated)),
        Row(
            "chunked, closed within",
            large.with(\.framing, .chunked).with(
                \.cut, .init(afterByteCount: 65_536, kind: .close)), .brokenBody(.truncated)),
        Row("endless", .endlessBody, .brokenBody(.tooLarge)),
        Row(
            "one more than the limit", OriginAnswer.pattern(5_001).with(\.framing, .chunked),
            bodyBytes: 5_000, .brokenBody(.tooLarge)),
    ]

    @Test("what an origin may do", arguments: rows)
    func fetches(_ row: Row) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/path", row.answer)
        let request = fetching.request("/path", bodyBytes: row.bodyBytes)
        switch row.outcome {
        case .noHead(let error):
            await #expect(throws: error) { try await fetching.client.fetch(request) }
        case .brokenBody(let error):
            let response = try await fetching.client.fetch(request)
            await #expect(throws: error) { try await response.body.whole() }
            // The error stays.
            await #expect(throws: error) { try await response.body.next() }
        case .whole(let status, let byteCount, let declared, let isProven):
            let response = try await fetching.client.fetch(request)
            #expect(response.status == status)
            #expect(response.byteCount == declared)
            #expect(response.hasProvenEnd == isProven)
            #expect(response.url == request.url)
            let bytes = try await response.body.whole()
            #expect(bytes.count == byteCount)
            if case .pattern(let pattern) = row.answer.body {
                #expect(bytes == pattern.bytes(0..<byteCount))
            }
            #expect(try await response.body.next() == nil)
        }
    }

    @Test("an origin that is down, and is back")
    func outage() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        #expect(try await fetching.body(fetching.request("/a")) == Array("a".utf8))
        fetching.origin.stop()
        await #expect(throws: UpstreamError.unreachable(code: 7)) { try await fetching.fetch("/a") }
        try fetching.origin.restart()
        #expect(try await fetching.body(fetching.request("/a")) == Array("a".utf8))
        #expect(fetching.origin.ledger.count("/a") == 2)
    }

    @Test("a name that does not exist")
    func unknownName() async throws {
        let fetching = try Fetching()
        var request = fetching.request("/")
        // A label of more than 63 bytes: the resolver refuses it without asking anybody.
        let name = String(repeating: "a", count: 70) + ".example"
        request.url = try #require(AbsoluteURL("http://\(name)/"))
        request.policy = UpstreamPolicy(home: request.url.origin)
        await #expect(throws: UpstreamError.unreachable(code: 6)) {
            try await fetching.client.fetch(request)
        }
    }

    @Test("a host that is not listed is never asked, rule U1")
    func unlistedHost() async throws {
        let fetching = try Fetching()
        var request = fetching.request("/")
        request.policy = UpstreamPolicy(
            home: try #require(AbsoluteURL("https://index.example")).origin)
        await #expect(throws: UpstreamError.hostRefused) {
            try await fetching.client.fetch(request)
        }
        #expect(fetching.origin.ledger.connectionCount == 0)
    }

    @Test("the rest of a body is asked for with its tag, and comes as it is sent")
    func rest() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .entity(.bytes(Array(0..<100)), tag: "\"x\""))
        var request = fetching.request("/a")
        request.rest = BodyRest(offset: 90, entityTag: "\"x\"")
        let response = try await fetching.client.fetch(request)
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.headers["range"] == "bytes=90-")
        #expect(seen.headers["if-range"] == "\"x\"")
        #expect(response.status == 206 && response.byteCount == 10)
        #expect(response.headers["content-range"] == "bytes 90-99/100")
        #expect(try await response.body.whole() == Array(90..<100))
    }

    @Test("the request is built from nothing, rule K1")
    func requestFields() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .entity(.bytes([1]), tag: "\"x\""))
        var request = fetching.request("/a?b=%2F")
        request.accept = "application/json"
        request.ifNoneMatch = "\"x\""
        request.ifModifiedSince = "Sun, 06 Nov 1994 08:49:37 GMT"
        let response = try await fetching.client.fetch(request)
        #expect(response.status == 304)
        #expect(response.headers["etag"] == "\"x\"")
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.method == "GET")
        #expect(seen.target == "/a?b=%2F")
        let names = seen.headers.fields.map(\.name).sorted()
        #expect(
            names == [
                "accept", "accept-encoding", "host", "if-modified-since", "if-none-match",
                "user-agent",
            ])
        #expect(seen.headers["accept"] == "application/json")
        #expect(seen.headers["accept-encoding"] == "identity")
        #expect(seen.headers["user-agent"] == "larder/1.2.3 (cache for pypi and npm)")
    }

    @Test("a value with a line break is not sent")
    func noInjection() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        var request = fetching.request("/a")
        request.ifNoneMatch = "\"x\"\r\nX-Evil: yes"
        _ = try await fetching.body(request)
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.headers["if-none-match"] == nil)
        #expect(seen.headers["x-evil"] == nil)
    }

    @Test("a closed client refuses, and ends what is under way")
    func close() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/hang", .blackhole)
        let hanging = Task { try await fetching.fetch("/hang") }
        await fetching.origin.ledger.requests(1, to: "/hang")
        fetching.client.close()
        fetching.client.close()
        await #expect(throws: UpstreamError.cancelled) { _ = try await hanging.value }
        await #expect(throws: UpstreamError.cancelled) { try await fetching.fetch("/hang") }
    }

    @Test("one transfer more than allowed fails at once")
    func transferLimit() async throws {
        let origin = try OriginStub()
        origin.route("/hang", .blackhole)
        var settings = ClientSettings(version: "1")
        settings.transferLimit = 1
        let client = try CurlClient(settings)
        let request = UpstreamRequest(
            url: origin.url("/hang"), policy: UpstreamPolicy(home: origin.origin),
            limits: TransferLimits(total: .seconds(40), bodyBytes: 1))
        let hanging = Task { try await client.fetch(request) }
        await origin.ledger.requests(1, to: "/hang")
        await #expect(throws: UpstreamError.unreachable(code: 89)) {
            try await client.fetch(request)
        }
        hanging.cancel()
        await #expect(throws: UpstreamError.cancelled) { _ = try await hanging.value }
    }
}
