import Ecosystems
import HTTPModel
import NPM
import Resources
import Testing

/// Paths to routes: npm 2.14 point 2 (one entry for every spelling of a scope) is here too.
@Suite struct RouteTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let leads: String

        init(_ path: String, _ leads: String) { (self.path, self.leads) = (path, leads) }

        var testDescription: String { path }
    }

    static let rows: [Row] = [
        Row("lodash", "document lodash full"), Row("lodash/", "document lodash full"),
        Row("@s/n", "document @s/n full"), Row("@s%2fn", "document @s/n full"),
        Row("@s%2Fn", "document @s/n full"), Row("%40s%2Fn", "document @s/n full"),
        Row("%40s/n", "document @s/n full"), Row("%6Codash", "document lodash full"),
        Row("JSON", "document JSON full"), Row("json", "document json full"),
        Row("lodash?write=true", "document lodash full, not storable"),
        Row("lodash?write=false", "document lodash full"),
        Row("lodash/4.17.21", "document lodash manifest:4.17.21"),
        Row("lodash/latest", "document lodash manifest:latest"),
        Row("@s/n/1.0.0", "document @s/n manifest:1.0.0"),
        Row("@s%2fn/1.0.0", "document @s/n manifest:1.0.0"),
        Row("@s%2fn/next", "document @s/n manifest:next"),
        Row("pnpm/9.1.0+a", "document pnpm manifest:9.1.0+a"),
        Row("@yarnpkg/cli-dist/4.1.0", "document @yarnpkg/cli-dist manifest:4.1.0"),
        Row("lodash/-/lodash-1.0.0.tgz", "artifact lodash/-/lodash-1.0.0.tgz lodash lodash@1.0.0"),
        Row("@s/n/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("@s%2fn/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("@s%2Fn/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("@s/n/-/@s/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("@s/n/-/@s%2fn-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("@s%2fn/download/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("a/download/a-1.0.0.tgz", "artifact a/-/a-1.0.0.tgz a a@1.0.0"),
        Row(
            "express/-/express-1.0.0beta.tgz",
            "artifact express/-/express-1.0.0beta.tgz express"),
        Row("express/-/odd.tgz", "artifact express/-/odd.tgz express"),
        Row("npm/-/npm-10.0.0.tgz", "artifact npm/-/npm-10.0.0.tgz npm npm@10.0.0"),
        Row("-/npm-10.0.0.tgz", "artifact npm/-/npm-10.0.0.tgz npm npm@10.0.0"),
        Row("npm/npm/-/npm-10.0.0.tgz", "artifact npm/-/npm-10.0.0.tgz npm npm@10.0.0"),
        Row(
            "npm/lodash/-/lodash-1.0.0.tgz",
            "artifact lodash/-/lodash-1.0.0.tgz lodash lodash@1.0.0"),
        Row("npm/@s/n/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("npm/@s%2fn/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
        Row("/npm", "here {}"), Row("/npm/", "here {}"), Row("-/ping", "here {}"),
        Row("-/ping?write=true", "here {}"),
        Row("-/package/lodash/dist-tags", "document lodash dist-tags"),
        Row("-/package/@s%2fn/dist-tags", "document @s/n dist-tags"),
        Row("-/package/@s/n/dist-tags", "document @s/n dist-tags"),
        Row("-/npm/v1/keys", "document -/npm/v1/keys unchanged"),
        Row("-/npm/v1/attestations/a@1.0.0", "document -/npm/v1/attestations/a@1.0.0 unchanged"),
        Row(
            "-/npm/v1/attestations/@s%2fn@1.0.0",
            "document -/npm/v1/attestations/@s%2fn@1.0.0 unchanged"),
        Row(
            "-/npm/v1/attestations/@s/n@1.0.0",
            "document -/npm/v1/attestations/@s%2fn@1.0.0 unchanged"),
        Row(
            "-/v1/search?text=a+b%2Fc&size=20&x=y",
            "document -/v1/search?text=a%20b%2Fc&size=20 unchanged"),
        Row("-/v1/search?size=5&text=a", "document -/v1/search?text=a&size=5 unchanged"),
        Row("-/v1/search", "refused 400"), Row("-/v1/search?text=", "refused 400"),
        Row("-/v1/search?text=%zz", "refused 400"),
        Row(
            "-/v1/search?text=a&size=2x&from=-1&quality=.5&popularity=1.0.0&maintenance=1e9",
            "document -/v1/search?text=a unchanged"),
        Row("-/v1/search?text=a&size=@acme&quality=%40s", "document -/v1/search?text=a unchanged"),
        Row(
            "-/v1/search?text=a&maintenance=0&popularity=1.5&quality=0.25&from=20&size=250",
            "document -/v1/search?text=a&size=250&from=20&quality=0.25&popularity=1.5&maintenance=0"
                + " unchanged"),
        Row(
            "-/v1/search?text=" + String(repeating: "%C3%A4", count: 256),
            "document -/v1/search?text=" + String(repeating: "%C3%A4", count: 256) + " unchanged"),
        Row("-/v1/search?text=" + String(repeating: "a", count: 257), "refused 400"),
        Row(
            "-/npm/v1/security/advisories/bulk",
            "forward https://registry.example/-/npm/v1/security/advisories/bulk"),
        Row(
            "-/npm/v1/security/audits/quick",
            "forward https://registry.example/-/npm/v1/security/audits/quick"),
        Row(
            "-/npm/v1/security/audits", "forward https://registry.example/-/npm/v1/security/audits"),
        Row("-/whoami", "refused 401"), Row("-/npm/v1/user", "refused 401"),
        Row("-/npm/v1/tokens", "refused 401"), Row("-/v1/login", "refused 405"),
        Row("-/user/org.couchdb.user:me", "refused 405"), Row("-/user/token/abc", "refused 405"),
        Row("-/org/acme/user", "refused 405"), Row("-/team/acme/dev", "refused 405"),
        Row("-/npm/v1/hooks", "refused 405"), Row("-/package/lodash/dist-tags/next", "refused 405"),
        Row("-/all", "refused 404"), Row("-/all/since", "refused 404"),
        Row("-/_changes", "refused 404"),
        Row("-", "refused 404"), Row("-/nothing", "refused 404"),
        Row("-/npm/v2/keys", "refused 404"),
        Row("@s", "refused 404"), Row("a/b/c", "refused 404"), Row("@s/n/-", "refused 404"),
        Row("lodash/-", "refused 404"), Row("lodash/-/lodash-1.0.0.zip", "refused 404"),
        Row("lodash/-/.tgz", "refused 404"), Row("lodash/-/a/b.tgz", "refused 404"),
        Row("lodash/-/@x/lodash-1.0.0.tgz", "refused 404"), Row("lodash/^1.0.0", "refused 404"),
        Row("a%2fb", "refused 404"), Row("%C3%A4", "refused 404"), Row("_a", "refused 404"),
        Row("node_modules", "refused 404"), Row("favicon.ico", "refused 404"),
        Row("a%25b", "refused 400"), Row("@s%2fn%25", "refused 400"),
        Row("lodash/-/lodash%20x.tgz", "refused 404"),
    ]

    @Test("where a path leads", arguments: rows)
    func routes(_ row: Row) throws {
        let head = try Sample.request(row.path)
        #expect(Self.text(Sample.adapter.route(head, base: Sample.base)) == row.leads)
        #expect(Sample.adapter.claims(head.target, at: ["npm"]))
    }

    static func text(_ route: Route) -> String {
        switch route {
        case .document(let name, let variant, let isStorable):
            "document \(name) \(variant.name)" + (isStorable ? "" : ", not storable")
        case .artifact(let name, let document, let hint):
            "artifact \(name) \(document)" + (hint.map { " \($0)" } ?? "")
        case .here(let response): "here \(String(decoding: response.body, as: UTF8.self))"
        case .forward(let origin): "forward \(origin.url)"
        case .refused(let refusal): "refused \(refusal.status)"
        case .redirect(let location, _): "redirect \(location)"
        }
    }

    @Test(
        "targets that are refused before any route",
        arguments: [
            "/npm/@s%252fn", "/npm/..%2fx", "/npm/@s%2f..", "/npm/a%00", "/npm//a", "/npm/@s%2f",
        ])
    func targets(_ text: String) {
        #expect(throws: RequestTarget.Fault.self) { try RequestTarget(text.utf8) }
    }

    @Test("what holds our URLs needs to know them, and nothing else does")
    func unknownHost() throws {
        for path in ["lodash", "@s/n", "lodash/latest"] {
            let route = Sample.adapter.route(try Sample.request(path), base: nil)
            #expect(route == .refused(.unknownHost))
        }
        for path in [
            "lodash/-/lodash-1.0.0.tgz", "-/npm/v1/keys", "-/package/a/dist-tags", "-/ping",
        ] {
            let route = Sample.adapter.route(try Sample.request(path), base: nil)
            #expect(route != .refused(.unknownHost))
        }
    }

    static let full = "full"
    static let abbreviated = "abbreviated"
    static let type = "application/vnd.npm.install-v1+json"

    /// The Accept fields of section 2.1, and what else there can be.
    @Test(
        "npm 2.14 point 1: Accept says which form, and nothing is refused",
        arguments: [
            (nil, full), ("", full), ("*/*", full), ("application/json", full),
            ("\(type); q=1.0, application/json; q=0.8, */*", abbreviated),
            ("application/json; q=1.0, */*", full), ("application/json, */*", full),
            ("\(type); q=1.0, application/json; q=0.8", abbreviated), (type, abbreviated),
            ("\(type);q=0", full), ("\(type);q=0, application/json", full), ("text/html", full),
            ("\(type);q=0.5, application/json;q=0.9", full),
            ("\(type);q=0.9, */*;q=0.9", abbreviated),
            ("\(type);q=0.5, application/*", full), ("\(type.uppercased())", abbreviated),
            ("application/json, \(type)", abbreviated), ("\(type);q=x, application/json", full),
        ] as [(String?, String)])
    func negotiation(_ accept: String?, _ form: String) throws {
        let route = Sample.adapter.route(try Sample.request("a", accept: accept), base: Sample.base)
        #expect(Self.text(route) == "document a \(form)")
        let manifest = Sample.adapter.route(
            try Sample.request("a/latest", accept: accept), base: Sample.base)
        #expect(Self.text(manifest) == "document a manifest:latest")
        let tarball = Sample.adapter.route(
            try Sample.request("a/-/a-1.0.0.tgz", accept: accept), base: Sample.base)
        #expect(Self.text(tarball).hasPrefix("artifact a/-/a-1.0.0.tgz"))
    }

    @Test(
        "documents are asked for with names that every registry takes",
        arguments: [
            ("lodash", "https://registry.example/lodash"),
            ("@s/n", "https://registry.example/@s%2fn"),
            ("a@1.0.0", "https://registry.example/a/1.0.0"),
            ("@s/n@1.0.0", "https://registry.example/@s%2fn/1.0.0"),
            ("-/npm/v1/keys", "https://registry.example/-/npm/v1/keys"),
            (
                "-/npm/v1/attestations/@s%2fn@1.0.0",
                "https://registry.example/-/npm/v1/attestations/@s%2fn@1.0.0"
            ),
            ("-/v1/search?text=a%20b", "https://registry.example/-/v1/search?text=a%20b"),
        ])
    func origins(_ name: String, _ url: String) {
        let origin = Sample.adapter.origin(ofDocument: name)
        #expect(origin.url?.description == url)
        #expect(origin.accept == "application/json")
        #expect((origin.freshness != nil) == name.hasPrefix("-/"))
    }

    @Test(
        "what is no document's name is asked of nobody",
        arguments: ["", "a@", "a@1/2", "_a", "@s", "a@../b", "-/npm/v1/attestations/x", "-/all"])
    func noOrigin(_ name: String) {
        #expect(Sample.adapter.origin(ofDocument: name).url == nil)
    }

    @Test(
        "only a version of three numbers is a hint",
        arguments: [
            ("1.0.0", true), ("10.20.30-rc.1", true), ("1.0.0+b.1", true), ("1.0.0-a-b", true),
            ("1.0", false), ("1.0.0.0", false), ("1", false), ("1.x.0", false), ("1..0", false),
            ("1.0.0-", false), ("1.0.0+", false), ("1.0.0-a@b", false), ("v1.0.0", false),
            ("1.0.12345678901234567", false), (".1.0.0", false),
        ])
    func hints(_ version: String, _ isHint: Bool) throws {
        let head = try Sample.request("n/-/n-\(version).tgz")
        let hint = isHint ? " n@\(version)" : ""
        let route = Sample.adapter.route(head, base: nil)
        #expect(Self.text(route) == "artifact n/-/n-\(version).tgz n" + hint)
    }

    @Test("a status that says absent, refused, busy or broken")
    func meanings() {
        let statuses: [(Int, UpstreamMeaning)] = [
            (200, .present), (304, .notModified), (404, .absent), (410, .absent), (451, .absent),
            (401, .refused), (403, .refused), (429, .busy), (503, .busy), (500, .failed),
            (302, .failed),
        ]
        for (status, meaning) in statuses {
            #expect(Sample.adapter.meaning(ofStatus: status, for: .document) == meaning)
        }
    }
}
