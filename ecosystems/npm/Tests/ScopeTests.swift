import Ecosystems
import HTTPModel
import NPM
import Testing

/// Scopes with an upstream of their own, and the aliases at the server's root.
@Suite struct ScopeTests {
    static let main = Sample.adapter(elsewhere: ["@acme", "@Beta"])
    static let acme = Sample.adapter(
        registry: Sample.url("https://acme.example/npm/"), scopes: ["@acme"], elsewhere: ["@Beta"])
    static let root = Sample.adapter(elsewhere: ["@acme"], servesRoot: true)
    static let acmeRoot = Sample.adapter(scopes: ["@acme"], servesRoot: true)

    @Test(
        "a scope's upstream claims its packages in every spelling, and nothing else",
        arguments: [
            ("@acme/x", true), ("@acme%2fx", true), ("%40acme%2Fx", true), ("@acme/x/latest", true),
            ("@acme/x/-/x-1.0.0.tgz", true), ("@acme%2fx/-/x-1.0.0.tgz", true),
            ("npm/@acme/x/-/x-1.0.0.tgz", true), ("-/package/@acme/x/dist-tags", true),
            ("-/npm/v1/attestations/@acme%2fx@1.0.0", true), ("acme", false), ("@acmes/x", false),
            ("@ACME/x", false), ("x", false), ("@acme", false), ("-/npm/v1/keys", false),
            ("-/v1/search?text=@acme", false), ("-/ping", false), ("", false),
        ])
    func claims(_ path: String, _ isClaimed: Bool) throws {
        let head = try Sample.request(path)
        #expect(Self.acme.claims(head.target, at: ["npm"]) == isClaimed)
        #expect(Self.main.claims(head.target, at: ["npm"]))
        guard isClaimed else { return }
        // Should the main upstream ever be asked, it says nothing of them.
        #expect(RouteTests.text(Self.main.route(head, base: Sample.base)) == "refused 404")
        #expect(RouteTests.text(Self.acme.route(head, base: Sample.base)) != "refused 404")
        #expect(Self.acme.identity != Self.main.identity)
    }

    @Test(
        "the main upstream is told no spelling of such a scope",
        arguments: [
            "@ACME/x", "@Acme%2fx", "%40aCme/x", "@beta/x", "@ACME/x/latest", "@ACME/x/1.0.0",
            "@ACME/x/-/x-1.0.0.tgz", "npm/@ACME/x/-/x-1.0.0.tgz", "-/package/@ACME/x/dist-tags",
            "-/npm/v1/attestations/@ACME%2fx@1.0.0",
        ])
    func otherSpellings(_ path: String) throws {
        let head = try Sample.request(path)
        #expect(!Self.acme.claims(head.target, at: ["npm"]))
        #expect(Self.main.claims(head.target, at: ["npm"]))
        #expect(RouteTests.text(Self.main.route(head, base: Sample.base)) == "refused 404")
        #expect(Self.main.errorForm == .json)
    }

    @Test(
        "a search that names such a scope finds nothing, unasked",
        arguments: [
            "@acme", "%40acme%2fx", "scope:acme", "x+@beta/y", "scope:%40ACME", "@acme/x",
            "%2540acme",
        ])
    func search(_ text: String) throws {
        let route = Self.main.route(try Sample.request("-/v1/search?text=\(text)"), base: nil)
        #expect(RouteTests.text(route) == #"here {"objects":[],"total":0}"#)
    }

    @Test("other searches are asked", arguments: ["acme", "scope:other", "a@b", "beta"])
    func otherSearch(_ text: String) throws {
        let route = Self.main.route(try Sample.request("-/v1/search?text=\(text)"), base: nil)
        #expect(RouteTests.text(route).hasPrefix("document -/v1/search?text="))
    }

    @Test(
        "an audit says nothing of their packages",
        arguments: [
            (#"{"a":["1"],"@acme/x":["2"],"@other/y":["3"]}"#, #"{"a":["1"],"@other/y":["3"]}"#),
            (#"{"@acme%2fx":["2"],"%40acme%2Fx":[],"%40ACME/x":[],"%2540acme%252fx":[]}"#, "{}"),
            (#"{"a":"%40acme/x","b":["@acme%2Fy","%"],"c%":"%4"}"#, #"{"b":["%"],"c%":"%4"}"#),
            (#"{"@acme\/x":["2"],"\u0040acme/z":[]}"#, "{}"), (#"{ "@ACME/x" : 1 }"#, "{}"),
            (
                #"{"name":"@acme/app","version":"1","requires":{"@acme/x":"^1","b":"1.0e2"},"#
                    + #""dependencies":{"b":{"version":"1","requires":{"@Beta/z":"1"},"#
                    + #""dependencies":{"@acme/x":{}}},"c":{"version":"npm:@acme/c@1"}},"n":[1.50,"#
                    + #"null,"@acme/q",{"x":true}]}"#,
                #"{"version":"1","requires":{"b":"1.0e2"},"dependencies":{"b":{"version":"1","#
                    + #""requires":{},"dependencies":{}},"c":{}},"n":[1.50,null,{"x":true}]}"#
            ),
            (#"{"a":"@acmes/x","b":"acme/x"}"#, #"{"a":"@acmes/x","b":"acme/x"}"#),
        ])
    func audit(_ body: String, _ sent: String) throws {
        let path = "-/npm/v1/security/advisories/bulk"
        let route = Self.main.route(try Sample.request(path, method: .post), base: nil)
        guard case .forward(let origin) = route else {
            Issue.record("no forwarding")
            return
        }
        #expect(origin.isRead)
        let ours = try Self.main.outgoing(Array(body.utf8), of: origin)
        #expect(String(decoding: ours, as: UTF8.self) == sent)
    }

    @Test(
        "a body that is no JSON object is refused", arguments: ["", "[]", "7", "{", #"{"a":1}x"#])
    func badAudit(_ body: String) throws {
        let origin = ForwardOrigin(url: Sample.registry, isRead: true)
        #expect(throws: DocumentFault.self) {
            try Self.main.outgoing(Array(body.utf8), of: origin)
        }
    }

    @Test("without such scopes an audit goes on unread; switched off there is none")
    func audits() throws {
        let head = try Sample.request("-/npm/v1/security/advisories/bulk", method: .post)
        guard case .forward(let origin) = Sample.adapter.route(head, base: nil) else {
            Issue.record("no forwarding")
            return
        }
        #expect(!origin.isRead)
        let off = Sample.adapter(audits: false).route(head, base: nil)
        guard case .refused(let refusal) = off else {
            Issue.record("it is forwarded")
            return
        }
        #expect(refusal.status == 404 && refusal.isForAllMethods)
    }

    @Test(
        "npm 2.14 point 11: what clients ask for at the root, having lost the mount",
        arguments: [
            (
                "/lodash/-/lodash-1.0.0.tgz",
                "artifact lodash/-/lodash-1.0.0.tgz lodash lodash@1.0.0"
            ),
            ("/@s/n/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
            ("/@s%2fn/-/n-1.0.0.tgz", "artifact @s/n/-/n-1.0.0.tgz @s/n @s/n@1.0.0"),
            (
                "/npm-run-path/-/npm-run-path-1.0.0.tgz",
                "artifact npm-run-path/-/npm-run-path-1.0.0.tgz npm-run-path npm-run-path@1.0.0"
            ),
            ("/-/npm/v1/attestations/a@1.0.0", "document -/npm/v1/attestations/a@1.0.0 unchanged"),
            ("/lodash", nil), ("/lodash/latest", nil), ("/@s/n", nil), ("/-/ping", nil), ("/", nil),
            ("/-/npm/v1/keys", nil), ("/lodash/-/lodash-1.0.0.zip", nil), ("/healthz", nil),
            ("/-/npm/v1/security/advisories/bulk", nil), ("/@acme/x/-/x-1.0.0.tgz", nil),
        ] as [(String, String?)])
    func rootAliases(_ path: String, _ leads: String?) throws {
        let head = try Sample.request(path)
        #expect(Self.root.claims(head.target, at: []) == (leads != nil))
        #expect(!Sample.adapter.claims(head.target, at: ["npm"]))
        guard let leads else { return }
        #expect(RouteTests.text(Self.root.route(head, base: nil)) == leads)
    }

    @Test("a scope's root aliases are its upstream's")
    func scopedRoot() throws {
        #expect(Self.acmeRoot.claims(try Sample.request("/@acme/x/-/x-1.0.0.tgz").target, at: []))
        #expect(
            !Self.acmeRoot.claims(try Sample.request("/lodash/-/lodash-1.0.0.tgz").target, at: []))
    }
}
