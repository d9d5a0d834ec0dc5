import Configuration
import HTTPModel
import Testing

/// `npm.*`: the registry, scopes with registries of their own, audits.
@Suite struct NPMSettingsTests {
    @Test("without a word the public registry and its audits")
    func defaults() throws {
        let npm = try read("").npm
        #expect(npm.upstream.url == nil && npm.scopes.isEmpty && npm.sendsAudits)
    }

    @Test("a registry, a scope with a URL alone, and one with a map")
    func scopes() throws {
        let npm = try read(
            """
            npm:
              upstream: https://registry.example/npm
              audit: false
              scopes:
                "@acme": https://acme.example/
                "@Beta_1":
                  url: https://beta.example/npm/
                  token_file: /run/token
                  fresh_seconds: 9
                  hosts: cdn.example
                  private_addresses: true
            """, secrets: ["/run/token": "secret"]
        ).npm
        #expect(npm.upstream.url?.description == "https://registry.example/npm/")
        #expect(!npm.sendsAudits)
        #expect(npm.scopes.map(\.name) == ["@acme", "@Beta_1"])
        #expect(npm.scopes.first?.upstream.url?.description == "https://acme.example/")
        let beta = try #require(npm.scopes.last)
        #expect(beta.upstream.credential != nil && beta.upstream.freshSeconds == 9)
        #expect(beta.upstream.hosts.map(\.description) == ["cdn.example"])
        #expect(beta.upstream.allowsPrivateAddresses)
    }

    @Test("what is shown of scopes reads as the same settings")
    func shown() throws {
        let first = try read(
            """
            npm:
              upstream: {url: "https://registry.example/", hosts: cdn.example}
              scopes:
                "@acme": https://acme.example/
                "@beta": {url: "https://beta.example/", fresh_seconds: 5}
            """)
        #expect(try read(first.shown).npm == first.npm)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        let problem: String
        var testDescription: String { file }

        init(_ file: String, _ problem: String) {
            self.file = "npm: \(file)"
            self.problem = "larder.yaml:1: npm.\(problem)"
        }
    }

    private static let scope = "is no scope here: use @ and a to z, 0 to 9, hyphens, _ and ~"

    static let rows: [Row] = [
        Row("{scopes: {acme: 'https://a.example/'}}", "scopes.acme: \(scope)"),
        Row("{scopes: {'@': 'https://a.example/'}}", "scopes.@: \(scope)"),
        Row("{scopes: {'@a/b': 'https://a.example/'}}", "scopes.@a/b: \(scope)"),
        Row("{scopes: {'@a.b': 'https://a.example/'}}", "scopes.@a.b: \(scope)"),
        Row("{scopes: {'@a': }}", "scopes.@a: needs the URL of a registry"),
        Row("{scopes: {'@a': {token: x}}}", "scopes.@a: needs the URL of a registry"),
        Row(
            "{scopes: {'@a': {url: 'https://a.example/', tokens: x}}}",
            "scopes.@a.tokens: is not a known key; did you mean npm.scopes.@a.token?"),
        Row("{audit: maybe}", "audit: must be true or false; it is \"maybe\""),
    ]

    @Test("wrong settings are refused with their line", arguments: rows)
    func refused(_ row: Row) {
        #expect(problems(row.file) == [row.problem])
    }
}
