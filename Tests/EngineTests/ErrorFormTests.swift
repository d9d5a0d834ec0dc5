import CacheRules
import Ecosystems
import Engine
import HTTPModel
import Testing

/// Methods, error forms and claims.
@Suite(.timeLimit(.minutes(5))) struct ErrorFormTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let method: Method
        let path: String
        let status: Int
        var allow: String?
        var says: String = ""

        var testDescription: String { "\(method.name) \(path)" }
    }

    static let rows: [Row] = [
        Row(method: .post, path: "/t/doc/p", status: 405, allow: "GET, HEAD", says: "only reads"),
        Row(method: .other, path: "/t/doc/p", status: 405, allow: "GET, HEAD", says: "only reads"),
        Row(method: .options, path: "/t/doc/p", status: 405, allow: "GET, HEAD"),
        Row(method: .post, path: "/t/nothing", status: 405, allow: "GET, HEAD"),
        Row(method: .other, path: "/t/nothing", status: 405, allow: "GET, HEAD"),
        Row(method: .get, path: "/t/nothing", status: 404, says: "no such path."),
        Row(method: .get, path: "/t/ask", status: 405, allow: "POST", says: "only POST"),
        Row(method: .head, path: "/t/ask", status: 405, allow: "POST"),
        Row(method: .other, path: "/t/ask", status: 405, allow: "POST"),
        Row(method: .options, path: "/t/ask", status: 405, allow: "POST"),
        Row(method: .post, path: "/t/ask", status: 411, says: "wants a body."),
        Row(method: .post, path: "/t/off", status: 404, says: "switched off."),
        Row(method: .get, path: "/t/off", status: 404, says: "switched off."),
        Row(
            method: .other, path: "/t/login", status: 405, allow: "GET, HEAD", says: "no login."),
        Row(method: .get, path: "/t/doc/down", status: 503, says: "could not be reached"),
    ]

    @Test("errors come in the ecosystem's form, and 405 names what is allowed", arguments: rows)
    func errors(_ row: Row) async throws {
        for form in [ErrorForm.plain, .json] {
            let bench = Bench(adapter: { $0.errorForm = form }) { $0.retry = .init(tries: 1) }
            try await Bench.run(bench) { bench in
                let got = try await bench.send(row.method, row.path)
                #expect(got.status == row.status)
                #expect(got.field("Allow") == row.allow)
                #expect(got.text.contains(row.says))
                #expect(got.field("Content-Type") == form.contentType)
                let start = form == .json ? "{\"error\":\"" : ""
                #expect(
                    got.text.hasPrefix(start) && got.text.hasSuffix(form == .json ? "\"}" : "\n"))
            }
        }
    }

    @Test("a browser gets a page that says what failed, where, and what to do")
    func browsers() async throws {
        for form in [ErrorForm.plain, .json] {
            let bench = Bench(adapter: { $0.errorForm = form }) { $0.retry = .init(tries: 1) }
            try await Bench.run(bench) { bench in
                for (path, place) in [
                    ("/t/nothing", "The request"), ("/t/doc/down", "The upstream"),
                ] {
                    let got = try await bench.send(.get, path) { $0.accept = "text/html,*/*;q=0.8" }
                    #expect(got.field("Content-Type") == "text/html; charset=utf-8")
                    let policy = got.field("Content-Security-Policy") ?? ""
                    #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
                    #expect(got.text.contains("aria-current=\"true\">\(place)</li>"))
                    #expect(got.text.contains("What to do next"))
                }
            }
        }
    }

    @Test("the server's own errors take the form of the mount that the path belongs to")
    func serversOwn() throws {
        let bench = Bench(adapter: { $0.errorForm = .json })
        let refusal = Refusal(
            status: 413, sentence: "a \"long\" body.", fields: "Retry-After: 5\r\n")
        func worded(_ path: String) throws -> (fields: String, body: String, ecosystem: String) {
            let head = RequestHead(method: .post, target: try RequestTarget(Array(path.utf8)))
            let reply = bench.engine.word(refusal, for: head)
            guard case .bytes(let bytes) = reply.body else { return ("", "", "") }
            return (
                String(decoding: reply.fields, as: UTF8.self),
                String(decoding: bytes, as: UTF8.self),
                reply.record.ecosystem
            )
        }
        let known = try worded("/t/ask")
        #expect(known.body == "{\"error\":\"larder: a \\\"long\\\" body.\"}")
        #expect(known.fields.contains("Retry-After: 5\r\n"))
        #expect(known.fields.contains("Content-Type: application/json\r\n"))
        #expect(known.ecosystem == "test")
        let unknown = try worded("/elsewhere")
        #expect(unknown.body == "larder: a \"long\" body.\n")
        #expect(unknown.ecosystem == "none")
    }

    // MARK: Claims

    struct Claim: Sendable, CustomTestStringConvertible {
        let path: String
        /// The form by which a mount is told; nil when no mount claims the path.
        let form: ErrorForm?

        var testDescription: String { path }
    }

    static let claims: [Claim] = [
        // The first of two mounts with one path takes what it claims.
        Claim(path: "/t/a/b", form: .plain), Claim(path: "/t", form: .plain),
        // A longer path is asked before a shorter one, whatever the order.
        Claim(path: "/t/deep/b", form: .json),
        // A mount at the root takes what its adapter claims, and nothing by itself.
        Claim(path: "/alias/b", form: .json), Claim(path: "/rest", form: nil),
        Claim(path: "/", form: nil), Claim(path: "/t%2Fdeep", form: nil),
    ]

    @Test("the first mount that claims a path answers it, longer paths first", arguments: claims)
    func claiming(_ row: Claim) async throws {
        let bench = Bench(mounts: [
            Bench.mount([]) {
                $0.errorForm = .json
                $0.claimed = ["alias"]
            },
            Bench.mount(["t"]), Bench.mount(["t"]) { $0.errorForm = .json },
            Bench.mount(["t", "deep"]) { $0.errorForm = .json },
        ])
        try await Bench.run(bench) { bench in
            let got = try await bench.send(.get, row.path)
            #expect(got.status == 404)
            #expect(got.text.contains("larder has no such path.") == (row.form == nil))
            #expect(got.field("Content-Type") == (row.form ?? .plain).contentType)
        }
    }

    @Test("a mount that is asked first wins where it claims, and leaves the rest")
    func scopes() async throws {
        let bench = Bench(mounts: [
            Bench.mount([]) {
                $0.errorForm = .json
                $0.claimed = ["@scope"]
            },
            Bench.mount([]) { $0.claimed = ["@scope", "open"] },
        ])
        try await Bench.run(bench) { bench in
            let scoped = try await bench.send(.get, "/@scope/x")
            #expect(scoped.field("Content-Type") == "application/json")
            let open = try await bench.send(.get, "/open/x")
            #expect(open.field("Content-Type") == "text/plain; charset=utf-8")
            #expect(open.text.contains("no such path."))
        }
    }
}
