import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct PostTests {
    private static func content(_ count: Int, coding: String? = nil) -> UpstreamContent {
        UpstreamContent(
            Pattern(byteCount: count, seed: 3).bytes(0..<count), contentType: "application/json",
            contentEncoding: coding)
    }

    private static func request(
        _ fetching: Fetching, _ path: String, _ content: UpstreamContent
    ) -> UpstreamRequest {
        var request = fetching.request(path)
        request.accept = "application/json"
        request.content = content
        return request
    }

    /// From 1 MiB on libcurl would wait for a `100 Continue`, which the stub never sends.
    @Test(
        "a POST brings its body and what describes it, and nothing else of a client",
        arguments: [0, 1, 70_000, 3 << 20])
    func sends(_ count: Int) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("answer", type: "application/json"))
        let content = Self.content(count, coding: "gzip")
        var request = Self.request(fetching, "/a", content)
        request.policy.credential = Credential(authorization: "Bearer s3cret")
        let response = try await fetching.client.fetch(request)
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "application/json")
        #expect(try await response.body.whole() == Array("answer".utf8))
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.body == content.bytes)
        let names = seen.headers.fields.map(\.name).sorted()
        #expect(
            names == [
                "accept", "accept-encoding", "authorization", "content-encoding",
                "content-length", "content-type", "host", "user-agent",
            ])
        #expect(seen.headers["content-type"] == "application/json")
        #expect(seen.headers["content-encoding"] == "gzip")
        #expect(seen.headers["content-length"] == String(count))
    }

    @Test("a line break in a client's field does not begin another")
    func injection() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("answer"))
        let content = UpstreamContent(
            [1], contentType: "text/plain", contentEncoding: "gzip\r\nX-Evil: yes")
        _ = try await fetching.client.fetch(Self.request(fetching, "/a", content))
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.headers["x-evil"] == nil)
        #expect(seen.headers["content-encoding"] == nil)
    }

    @Test("two POSTs and a GET use one connection")
    func reuses() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        for _ in 0..<2 {
            _ = try await fetching.body(Self.request(fetching, "/a", Self.content(100_000)))
        }
        _ = try await fetching.body(fetching.request("/a"))
        #expect(fetching.origin.ledger.requests.map(\.method) == ["POST", "POST", "GET"])
        #expect(fetching.origin.ledger.requests.map(\.body.count) == [100_000, 100_000, 0])
        #expect(fetching.origin.ledger.connectionCount == 1)
    }

    @Test(
        "307 and 308 are followed with the body, others are refused, rule U1",
        arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .redirect(status, to: "/b"))
        fetching.origin.route("/b", .text("b"))
        let content = Self.content(5_000)
        let request = Self.request(fetching, "/a", content)
        guard status >= 307 else {
            await #expect(throws: UpstreamError.redirectRefused) {
                try await fetching.client.fetch(request)
            }
            #expect(fetching.origin.ledger.count("/b") == 0)
            return
        }
        let response = try await fetching.client.fetch(request)
        #expect(response.url == fetching.origin.url("/b"))
        let seen = fetching.origin.ledger.requests
        #expect(seen.map(\.method) == ["POST", "POST"])
        #expect(seen.map(\.body) == [content.bytes, content.bytes])
    }

    @Test("a body goes to no host that the policy does not name")
    func otherHost() async throws {
        let fetching = try Fetching()
        let other = try OriginStub()
        fetching.origin.route("/a", .redirect(307, to: other.base + "/b"))
        await #expect(throws: UpstreamError.redirectRefused) {
            try await fetching.client.fetch(Self.request(fetching, "/a", Self.content(10)))
        }
        #expect(other.ledger.connectionCount == 0)
    }

    @Test("the answer is bounded, in size and in time")
    func bounds() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/long", .pattern(70_000))
        fetching.origin.route("/never", .blackhole)
        var long = Self.request(fetching, "/long", Self.content(10))
        long.limits.bodyBytes = 60_000
        await #expect(throws: UpstreamError.tooLarge) {
            try await fetching.client.fetch(long).body.whole()
        }
        var never = Self.request(fetching, "/never", Self.content(10))
        never.limits.firstByte = .milliseconds(100)
        await #expect(throws: UpstreamError.timedOut(.head)) {
            try await fetching.client.fetch(never)
        }
    }
}
