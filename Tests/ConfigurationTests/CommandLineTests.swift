import CommandLine
import Testing

@Suite struct CommandLineTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let line: String
        let expected: Invocation
        var testDescription: String { line }
    }

    static let rows: [Row] = [
        Row(line: "serve", expected: .serve(ServerOptions())),
        Row(
            line: "serve --config c.yaml --listen=[::1]:80 --data /d",
            expected: .serve(
                ServerOptions(configurationFile: "c.yaml", listen: "[::1]:80", folder: "/d"))),
        Row(
            line: "serve --data /a --data=/b=c", expected: .serve(ServerOptions(folder: "/b=c"))),
        Row(line: "config", expected: .configurationCheck(ServerOptions())),
        Row(
            line: "config --config f",
            expected: .configurationCheck(ServerOptions(configurationFile: "f"))),
        Row(
            line: "config check --config f",
            expected: .configurationCheck(ServerOptions(configurationFile: "f"))),
        Row(
            line: "config show --listen x:1",
            expected: .configurationShow(ServerOptions(listen: "x:1"))),
        Row(line: "config default", expected: .configurationDefault),
        Row(
            line: "healthcheck --listen 127.0.0.1:1",
            expected: .healthcheck(ServerOptions(listen: "127.0.0.1:1"))),
        Row(
            line: "healthcheck --server http://larder.example/",
            expected: .healthcheck(ServerOptions(), server: "http://larder.example/")),
        Row(line: "accept", expected: .accept(nil, ServerOptions())),
        Row(
            line: "accept --data /d /helm/acme/index.yaml",
            expected: .accept("/helm/acme/index.yaml", ServerOptions(folder: "/d"))),
        Row(
            line: "refresh /npm/left-pad --config=c",
            expected: .refresh("/npm/left-pad", ServerOptions(configurationFile: "c"))),
        Row(line: "gc", expected: .sweep(SweepOptions(), ServerOptions())),
        Row(
            line: "gc --dry-run --older-than 7d --force --data /d",
            expected: .sweep(
                SweepOptions(age: "7d", isForced: true, isDryRun: true),
                ServerOptions(folder: "/d"))),
        Row(line: "verify", expected: .verify(repairs: false, ServerOptions())),
        Row(line: "verify --repair", expected: .verify(repairs: true, ServerOptions())),
        Row(
            line: "migrate --from a --to b --from=c --to d",
            expected: .migrate(
                MigrationOptions(sources: ["a", "c"], targets: ["b", "d"]), ServerOptions())),
        Row(line: "purge a", expected: .purge("a", ServerOptions())),
        Row(line: "drill", expected: .drillStatus(ServerOptions())),
        Row(line: "drill status", expected: .drillStatus(ServerOptions())),
        Row(line: "drill start", expected: .drillStart([], ServerOptions())),
        Row(
            line: "drill start pypi --data /d helm/acme",
            expected: .drillStart(["pypi", "helm/acme"], ServerOptions(folder: "/d"))),
        Row(
            line: "token create ci --scope pypi --admin --scope=helm:a --expires 30d",
            expected: .tokenCreate(
                TokenOptions(
                    name: "ci", scopes: ["pypi", "helm:a"], isAdmin: true, lifetime: "30d"),
                ServerOptions())),
        Row(line: "token list", expected: .tokenList(ServerOptions())),
        Row(line: "token revoke ci", expected: .tokenRevoke("ci", ServerOptions())),
        Row(line: "drill stop npm", expected: .drillStop(["npm"], ServerOptions())),
        Row(
            line: "warm uv.lock --server http://a b/Chart.lock --concurrency=2 --token-file t",
            expected: .warm(
                WarmOptions(
                    files: ["uv.lock", "b/Chart.lock"], address: "http://a", concurrency: "2",
                    tokenFile: "t"), ServerOptions())),
        Row(
            line: "stats --json --data /d",
            expected: .stats(isJSON: true, ServerOptions(folder: "/d"))),
        Row(line: "completions fish", expected: .completions(.fish)),
        Row(line: "man", expected: .manual),
        Row(line: "version", expected: .version),
        Row(line: "--version", expected: .version),
    ]

    @Test("commands and their options", arguments: rows)
    func invocation(_ row: Row) throws {
        #expect(try Invocation(arguments: words(row.line)) == row.expected)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let line: String
        let text: String
        var testDescription: String { line }
    }

    static let refusals: [Refusal] = [
        Refusal(
            line: "sevre",
            text: """
                larder: unknown command "sevre"; did you mean "larder serve"?
                Try "larder --help".
                """),
        Refusal(
            line: "dance", text: "larder: unknown command \"dance\"\nTry \"larder --help\"."),
        Refusal(
            line: "config chek",
            text: """
                larder: unknown command "config chek"; did you mean "larder config check"?
                Try "larder config --help".
                """),
        Refusal(
            line: "help sevre",
            text: """
                larder: unknown command "sevre"; did you mean "larder serve"?
                Try "larder --help".
                """),
        Refusal(
            line: "serve --lisen x",
            text: """
                larder: unknown option --lisen; did you mean --listen?
                Try "larder serve --help".
                """),
        Refusal(
            line: "version --data x",
            text: "larder: unknown option --data\nTry \"larder version --help\"."),
        Refusal(
            line: "serve --data",
            text: "larder: option --data needs a value\nTry \"larder serve --help\"."),
        Refusal(
            line: "serve --data --listen x",
            text: "larder: option --data needs a value\nTry \"larder serve --help\"."),
        Refusal(
            line: "serve --data=",
            text: "larder: option --data needs a value\nTry \"larder serve --help\"."),
        Refusal(
            line: "serve now",
            text: "larder: unexpected argument \"now\"\nTry \"larder serve --help\"."),
        Refusal(
            line: "accept a b",
            text: "larder: unexpected argument \"b\"\nTry \"larder accept --help\"."),
        Refusal(
            line: "purge --data /d",
            text: "larder: \"purge\" needs a RESOURCE\nTry \"larder purge --help\"."),
        Refusal(
            line: "refresh",
            text: "larder: \"refresh\" needs a RESOURCE\nTry \"larder refresh --help\"."),
        Refusal(
            line: "warm --server x",
            text: "larder: \"warm\" needs a FILE\nTry \"larder warm --help\"."),
        Refusal(
            line: "completions fisch",
            text: """
                larder: unknown SHELL "fisch"; did you mean fish?
                Try "larder completions --help".
                """),
        Refusal(
            line: "completions powershell",
            text: """
                larder: unknown SHELL "powershell": bash, zsh, fish
                Try "larder completions --help".
                """),
        Refusal(
            line: "drill strat",
            text: """
                larder: unknown command "drill strat"; did you mean "larder drill start"?
                Try "larder drill --help".
                """),
        Refusal(
            line: "gc --dry-run=yes",
            text: "larder: option --dry-run takes no value\nTry \"larder gc --help\"."),
        Refusal(
            line: "verify --repiar",
            text: "larder: unknown option --repiar; did you mean --repair?\n"
                + "Try \"larder verify --help\"."),
        Refusal(
            line: "purge a --listen x",
            text: "larder: unknown option --listen\nTry \"larder purge --help\"."),
        Refusal(
            line: "--data x serve",
            text: "larder: an option stands before the command\nTry \"larder --help\"."),
    ]

    @Test("what is not understood names the nearest and the help", arguments: refusals)
    func refusal(_ row: Refusal) {
        #expect {
            try Invocation(arguments: words(row.line))
        } throws: {
            #expect("\($0)" == row.text)
            return $0 is UsageError
        }
    }

    static let commands = [
        "serve", "config check", "config show", "config default", "accept", "refresh",
        "purge", "gc", "verify", "migrate", "drill status", "drill start", "drill stop",
        "token create", "token list", "token revoke", "healthcheck", "version", "help",
    ]

    @Test("every command has help with an example, however one asks", arguments: commands)
    func help(_ command: String) throws {
        var texts: [String] = []
        for line in ["\(command) --help", "\(command) -h", "\(command) --bogus --help"] {
            guard case .help(let text) = try Invocation(arguments: words(line)) else {
                Issue.record("\(line) is not help")
                return
            }
            texts.append(text)
        }
        #expect(Set(texts).count == 1)
        #expect(texts[0].hasPrefix("larder \(command): "))
        #expect(texts[0].contains("Examples:\n  "))
        #expect(texts[0].contains("--help"))
        if command != "help" {
            #expect(try Invocation(arguments: words("help \(command)")) == .help(texts[0]))
        }
    }

    @Test("the help of serve says what SIGHUP does: it reads the policy")
    func hangUp() throws {
        guard case .help(let text) = try Invocation(arguments: ["serve", "--help"]) else {
            Issue.record("no help")
            return
        }
        #expect(text.contains("SIGHUP reads the policy again"))
        #expect(!text.contains("reads the configuration again"))
    }

    @Test(
        "the overview lists every command", arguments: ["", "help", "--help", "-h", "nonsense -h"])
    func overview(_ line: String) throws {
        guard case .help(let text) = try Invocation(arguments: words(line)) else {
            Issue.record("no help")
            return
        }
        for command in Self.commands { #expect(text.contains("\n  \(command) ")) }
        #expect(text.contains("Examples:"))
    }

    @Test("a group's help lists its commands")
    func group() throws {
        guard case .help(let text) = try Invocation(arguments: ["config", "--help"]) else {
            Issue.record("no help")
            return
        }
        #expect(text.contains("config check") && text.contains("config default"))
        #expect(text.contains("`larder config` alone is `larder config check`"))
        #expect(!text.contains("healthcheck"))
    }

    @Test("help fits into 100 columns", arguments: commands + [""])
    func width(_ command: String) throws {
        guard case .help(let text) = try Invocation(arguments: words("\(command) --help")) else {
            Issue.record("no help")
            return
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    private func words(_ line: String) -> [String] {
        line.split(separator: " ").map(String.init)
    }
}
