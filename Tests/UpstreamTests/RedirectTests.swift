import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct RedirectTests {
    private static let secret = "Bearer s3cret"

    @Test("five redirects are followed, six are not, rule U1", arguments: [5, 6])
    func chain(_ length: Int) async throws {
        let fetching = try Fetching()
        for step in 0..<length {
            fetching.origin.route("/\(step)", .redirect(301 + step % 3, to: "/\(step + 1)"))
        }
        fetching.origin.route("/\(length)", .text("end"))
        let request = fetching.request("/0")
        guard length <= 5 else {
            await #expect(throws: UpstreamError.redirectRefused) {
                try await fetching.client.fetch(request)
            }
            #expect(fetching.origin.ledger.count("/6") == 0)
            return
        }
        let response = try await fetching.client.fetch(request)
        #expect(response.url == fetching.origin.url("/5"))
        #expect(try await response.body.whole() == Array("end".utf8))
        // Short bodies of redirects are read, so one connection serves them all.
        #expect(fetching.origin.ledger.connectionCount == 1)
    }

    @Test("the body of a redirect is not read to its end")
    func longRedirectBody() async throws {
        let fetching = try Fetching()
        fetching.origin.route(
            "/a", OriginAnswer(302, .endless, fields: [("Location", "/b")]))
        fetching.origin.route("/b", .text("b"))
        #expect(try await fetching.body(fetching.request("/a")) == Array("b".utf8))
    }

    @Test("a credential goes to its origin and nowhere else, rule U3")
    func credentials() async throws {
        let fetching = try Fetching()
        let other = try OriginStub()
        fetching.origin.route("/a", .redirect(307, to: other.base + "/b"))
        other.route("/b", .redirect(307, to: fetching.origin.base + "/c"))
        fetching.origin.route("/c", .text("c"))
        var request = fetching.request("/a")
        request.policy = UpstreamPolicy(
            home: fetching.origin.origin, hosts: ["127.0.0.1"], allowsPrivateAddresses: true,
            credential: Credential(authorization: Self.secret))
        let response = try await fetching.client.fetch(request)
        #expect(try await response.body.whole() == Array("c".utf8))
        let seen = fetching.origin.ledger.requests.map { $0.headers["authorization"] }
        #expect(seen == [Self.secret, Self.secret])
        #expect(other.ledger.requests.map { $0.headers["authorization"] } == [nil])
    }

    @Test("where any host will do, it needs a public address, and gets no credential")
    func anyHost() async throws {
        let fetching = try Fetching()
        let other = try OriginStub()
        fetching.origin.route("/a", .redirect(302, to: other.base + "/b"))
        other.route("/b", .text("b"))
        var request = fetching.request("/a")
        request.policy = UpstreamPolicy(
            home: fetching.origin.origin, allowsAnyHost: true, allowsPrivateAddresses: true,
            credential: Credential(authorization: Self.secret))
        // That private addresses are allowed is for hosts that somebody listed.
        await #expect(throws: UpstreamError.redirectRefused) {
            try await fetching.client.fetch(request)
        }
        request.url = other.url("/b")
        await #expect(throws: UpstreamError.hostRefused) {
            try await fetching.client.fetch(request)
        }
        #expect(other.ledger.requests.isEmpty)
        request.policy.hosts = ["127.0.0.1"]
        request.url = fetching.origin.url("/a")
        #expect(try await fetching.body(request) == Array("b".utf8))
        #expect(other.ledger.requests.map { $0.headers["authorization"] } == [nil])
    }

    @Test("a token goes to its origin, along no redirect to another, and opens nothing")
    func token() async throws {
        let fetching = try Fetching()
        let other = try OriginStub()
        other.route("/a", .redirect(307, to: fetching.origin.base + "/b"))
        other.route("/b", .text("b"))
        fetching.origin.route("/b", .redirect(307, to: other.base + "/b"))
        var request = fetching.request("/a")
        request.url = other.url("/a")
        request.policy.credential = Credential(authorization: Self.secret)
        request.token = OriginToken(
            origin: other.origin, credential: Credential(authorization: "Bearer t0"))
        request.policy.allowsAnyHost = true
        // A token makes its origin no home, whose address would be the operator's business.
        await #expect(throws: UpstreamError.hostRefused) {
            try await fetching.client.fetch(request)
        }
        request.policy.hosts = ["127.0.0.1"]
        request.policy.allowsPrivateAddresses = true
        #expect(try await fetching.body(request) == Array("b".utf8))
        let shown = fetching.origin.ledger.requests.map { $0.headers["authorization"] }
        #expect(shown == [Self.secret])
        let others = other.ledger.requests.map { $0.headers["authorization"] }
        #expect(others == ["Bearer t0", "Bearer t0"])
        #expect(!"\(request)".contains("t0") && !String(reflecting: request).contains("t0"))
    }

    @Test("no text of ours shows a credential")
    func texts() {
        let policy = UpstreamPolicy(
            home: AbsoluteURL.Origin(example: "https://index.example"),
            credential: Credential(authorization: Self.secret))
        #expect(!"\(policy)".contains("s3cret"))
        #expect(!String(reflecting: policy).contains("s3cret"))
        let settings = ClientSettings(version: "1", proxy: .url("http://u:s3cret@proxy.example"))
        #expect(!"\(settings)".contains("s3cret"))
        #expect(!String(reflecting: settings).contains("s3cret"))
    }

    static let spellings = [
        "http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://127.1:PORT/",
        "http://2130706433:PORT/", "http://0x7f000001:PORT/", "http://0177.0.0.1:PORT/",
        "http://0:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/",
    ]

    @Test("a private address is refused before it is dialled, rule U2", arguments: spellings)
    func privateAddresses(_ spelling: String) async throws {
        let fetching = try Fetching()
        let text = spelling.replacing("PORT", with: String(fetching.origin.port))
        let url = try #require(AbsoluteURL(text))
        let home = AbsoluteURL.Origin(example: "https://index.example")
        var request = fetching.request("/")
        request.url = url
        request.policy = UpstreamPolicy(home: home, hosts: [url.host])
        await #expect(throws: UpstreamError.addressRefused) {
            try await fetching.client.fetch(request)
        }
        #expect(fetching.origin.ledger.connectionCount == 0)
        request.policy.allowsPrivateAddresses = true
        #expect(try await fetching.client.fetch(request).status == 404)
    }

    @Test("a redirect to a private address is refused, rule U2")
    func redirectToPrivateAddress() async throws {
        let fetching = try Fetching()
        let internals = try OriginStub()
        fetching.origin.route("/a", .redirect(to: "http://localhost:\(internals.port)/"))
        var request = fetching.request("/a")
        request.policy.hosts = ["localhost"]
        await #expect(throws: UpstreamError.addressRefused) {
            try await fetching.client.fetch(request)
        }
        #expect(internals.ledger.connectionCount == 0)
    }
}

extension AbsoluteURL.Origin {
    /// The origin of a URL that is known to be right.
    init(example text: String) {
        guard let url = AbsoluteURL(text) else { preconditionFailure("bad URL: \(text)") }
        self = url.origin
    }
}
