import Configuration
import HTTPModel
import Testing

/// `helm.repositories`: a list, one text, or a map of names.
@Suite struct HelmSettingsTests {
    private static func pairs(_ settings: Settings) -> [String] {
        settings.helm.repositories.map {
            "\($0.name)=\($0.upstream.url?.description ?? "none")"
        }
    }

    private static let two = ["b.2=https://b.example/charts/", "a=http://a.example/"]

    @Test("without a word the ecosystem's own repositories")
    func defaults() throws {
        #expect(try read("").helm.repositories.isEmpty)
        #expect(try read("helm: {repositories: }").helm.repositories.isEmpty)
    }

    @Test("a list, a text and a variable name the same repositories, in their order")
    func forms() throws {
        let list = try read(
            """
            helm:
              repositories:
                - b.2=https://b.example/charts
                - a=http://a.example
            """)
        let text = "b.2=https://b.example/charts, a=http://a.example/"
        let one = try read("helm: {repositories: \"\(text)\"}")
        let variable = try read("", environment: ["LARDER_HELM_REPOSITORIES": text])
        for settings in [list, one, variable] { #expect(Self.pairs(settings) == Self.two) }
    }

    @Test("a map has a credential and more for each, and names may hold dots")
    func map() throws {
        let settings = try read(
            """
            helm:
              repositories:
                b.2: https://b.example/charts
                a:
                  url: http://a.example
                a.b:
                  url: https://c.example/
                  username: ann
                  password_file: /run/password
                  fresh_seconds: 9
                  hosts: [files.example]
                  private_addresses: true
            """, secrets: ["/run/password": "secret"])
        #expect(Self.pairs(settings) == Self.two + ["a.b=https://c.example/"])
        let last = try #require(settings.helm.repositories.last).upstream
        #expect(last.credential != nil && last.freshSeconds == 9 && last.allowsPrivateAddresses)
        #expect(last.hosts.map(\.description) == ["files.example"])
    }

    static let texts = [
        "helm: {repositories: 'b.2=https://b.example/charts,a=http://a.example'}",
        """
        helm:
          repositories:
            b.2: https://b.example/charts
            a: {url: 'http://a.example', fresh_seconds: 5}
            a.b: {url: 'http://c.example', hosts: files.example}
        """,
    ]

    @Test("what is shown of repositories reads as the same settings", arguments: texts)
    func shown(_ file: String) throws {
        let first = try read(file)
        #expect(first.helm.repositories.count >= 2)
        #expect(try read(first.shown).helm == first.helm)
    }

    @Test("what a mismatch means and what is kept: refuse and nothing, unless it is said")
    func policies() throws {
        let defaults = try read("").helm
        #expect(defaults.onMismatch == .refuse && !defaults.keepsPruned)
        let variables = ["LARDER_HELM_ON_MISMATCH": "warn", "LARDER_HELM_KEEP_PRUNED": "true"]
        let variable = try read("", environment: variables).helm
        #expect(variable.onMismatch == .warn && variable.keepsPruned)
        let settings = try read(
            """
            helm:
              on_mismatch: pin
              keep_pruned: true
              repositories:
                a: http://a.example
                b: {url: 'http://b.example', on_mismatch: refuse, keep_pruned: false}
            """)
        #expect(settings.helm.onMismatch == .pin && settings.helm.keepsPruned)
        #expect(settings.helm.repositories.map(\.onMismatch) == [nil, .refuse])
        #expect(settings.helm.repositories.map(\.keepsPruned) == [nil, false])
        #expect(try read(settings.shown).helm == settings.helm)
        #expect(settings.shown.contains("on_mismatch: pin"))
        #expect(
            problems("helm: {on_mismatch: ignore}") == [
                "larder.yaml:1: helm.on_mismatch: must be refuse, pin or warn; it is \"ignore\""
            ])
        #expect(
            problems("helm: {repositories: {a: {url: 'http://a.example', keep_pruned: 1}}}") == [
                "larder.yaml:1: helm.repositories.a.keep_pruned: must be true or false; it is \"1\""
            ])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        let problem: String
        var testDescription: String { file }

        init(_ value: String, _ problem: String) {
            file = "helm: {repositories: \(value)}"
            self.problem = "larder.yaml:1: helm.repositories\(problem)"
        }
    }

    private static let name = "is no name here: use a to z, 0 to 9, dots, hyphens and _"

    static let rows: [Row] = [
        Row("{A: 'https://a.example/'}", ".A: \(name)"),
        Row("{.a: 'https://a.example/'}", "..a: \(name)"),
        Row("{a/b: 'https://a.example/'}", ".a/b: \(name)"),
        Row(
            "{index.yaml: 'https://a.example/'}",
            ".index.yaml: is a reserved name; choose another"),
        Row(
            "{a.url: 'https://a.example/'}",
            ".a.url: ends like a key of its own map; choose another"),
        Row(
            "{a.keep_pruned: 'https://a.example/'}",
            ".a.keep_pruned: ends like a key of its own map; choose another"),
        Row("{a: }", ".a: needs the URL of a repository"),
        Row("{a.b: {token: x}}", ".a.b: needs the URL of a repository"),
        Row(
            "{a.b: {url: 'https://a.example/', tokens: x}}",
            ".a.b.tokens: is not a known key; did you mean helm.repositories.a.b.token?"),
        Row(
            "'https://a.example/'",
            ": must be NAME=URL, as acme=https://charts.example/stable"),
        Row("'A=https://a.example/'", ": has a repository whose name \(name)"),
        Row(
            "'a=https://u:p@a.example/'",
            ": a URL must not hold credentials; they have keys of their own"),
        Row(
            "['a=https://a.example/', 'a=https://b.example/']",
            ": has two repositories a"),
        Row("[{a: 'https://a.example/'}]", ": must be a list of plain values"),
    ]

    @Test("wrong settings are refused with their line", arguments: rows)
    func refused(_ row: Row) {
        #expect(problems(row.file) == [row.problem])
    }
}
