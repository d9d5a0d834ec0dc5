/// One row of the table of commands.
struct Command: Sendable {
    /// The words after `larder`, as `["config", "check"]`.
    let words: [String]
    /// One line for the list of commands.
    let summary: String
    /// Further sentences for the command's own help, perhaps none.
    var details = ""
    var operands = Operands.none
    var options: [Option] = []
    let examples: [Example]
    let invocation: @Sendable (Arguments) -> Invocation

    struct Option: Sendable {
        let name: String
        /// What stands for the value in the help, as `FILE`; empty for one that takes none.
        let value: String
        let summary: String

        var usage: String { value.isEmpty ? name : "\(name) \(value)" }
    }

    /// What follows the command's words and is no option.
    enum Operands: Sendable {
        case none
        /// One, with what stands for it in the help.
        case one(String)
        case oneOrNone(String)
        case any(String)
        /// One or more.
        case some(String)
        /// One of these words.
        case choice(String, [String])

        /// As the help's line of usage has it.
        var usage: String {
            switch self {
            case .none: ""
            case .one(let name): " \(name)"
            case .some(let name): " \(name)..."
            case .choice(_, let words): " \(words.joined(separator: "|"))"
            case .oneOrNone(let name): " [\(name)]"
            case .any(let name): " [\(name)...]"
            }
        }

        var limit: Int {
            switch self {
            case .none: 0
            case .one, .oneOrNone, .choice: 1
            case .any, .some: .max
            }
        }
    }

    struct Example: Sendable {
        let line: String
        let summary: String
    }

    /// The options that were given, by name.
    struct Arguments: Sendable {
        /// The last of a repeated one; empty for one that takes no value.
        var values: [String: String] = [:]
        /// All of each, in their order.
        var all: [String: [String]] = [:]
        var operands: [String] = []

        var server: ServerOptions {
            ServerOptions(
                configurationFile: values["--config"], listen: values["--listen"],
                folder: values["--data"])
        }
    }

    var name: String { words.joined(separator: " ") }
}

extension Command {
    static let serverOptions = [
        Option(
            name: "--config", value: "FILE",
            summary: "configuration file (else LARDER_CONFIG, else built in)"),
        Option(name: "--listen", value: "ADDR", summary: "address and port, as 127.0.0.1:8080"),
        Option(name: "--data", value: "DIR", summary: "folder for everything that is stored"),
    ]

    /// Every command; a new one is a row here and a case of ``Invocation``.
    static let all =
        serving + filling + operating + policy + tokens + keeping + rest

    private static let serving = [
        Command(
            words: ["serve"], summary: "run the server",
            details: """
                SIGTERM drains and stops it. SIGHUP reads the policy again, from the configuration's
                section and its file; a bad one is refused, and the old one stays. Other settings are
                read at the start.
                Exit status 0 after a drain, 1 when serving failed, 2 when the configuration is wrong.
                """,
            options: serverOptions,
            examples: [
                Example(line: "larder serve", summary: "PyPI, npm and Helm on 127.0.0.1:8080"),
                Example(
                    line: "larder serve --listen 0.0.0.0:8080 --data /srv/larder",
                    summary: "for other machines, stored in /srv/larder"),
                Example(
                    line: "larder serve --config larder.yaml", summary: "with a configuration file"),
            ],
            invocation: { .serve($0.server) }),
        Command(
            words: ["config", "check"], summary: "check a configuration and name the wrong lines",
            details: "Exit status 0 when it is good, 2 when it is not.", options: serverOptions,
            examples: [
                Example(
                    line: "larder config check --config larder.yaml", summary: "check this file")
            ],
            invocation: { .configurationCheck($0.server) }),
        Command(
            words: ["config", "show"],
            summary: "print the settings in use and where each came from; secrets as ***",
            options: serverOptions,
            examples: [
                Example(line: "larder config show", summary: "what `larder serve` would use"),
                Example(
                    line: "LARDER_CACHE_SIZE=5GiB larder config show",
                    summary: "see what a variable does"),
            ],
            invocation: { .configurationShow($0.server) }),
        Command(
            words: ["config", "default"],
            summary: "print the built-in configuration, with comments",
            examples: [
                Example(
                    line: "larder config default > larder.yaml", summary: "start a file of your own"
                )
            ],
            invocation: { _ in .configurationDefault }),
    ]

    private static let rest = [
        Command(
            words: ["healthcheck"], summary: "ask the local server whether it is ready",
            details: "Exit status 0 when it is, 1 when it is not. For images, which have no curl.",
            options: serverOptions + [
                Option(name: "--server", value: "URL", summary: "another server than this one's")
            ],
            examples: [
                Example(line: "larder healthcheck", summary: "ask /readyz where `serve` listens"),
                Example(
                    line: "larder healthcheck --server http://larder.tools.svc/",
                    summary: "ask a server by its URL"),
            ],
            invocation: { .healthcheck($0.server, server: $0.values["--server"]) }),
        Command(
            words: ["completions"], summary: "print what a shell needs to complete larder's words",
            details: "It is made for bash, zsh and fish from the same table as this help.",
            operands: .choice("SHELL", Shell.allCases.map(\.rawValue)),
            examples: [
                Example(
                    line: "larder completions bash > /etc/bash_completion.d/larder",
                    summary: "for every user of bash"),
                Example(
                    line: "larder completions zsh > \"${fpath[1]}/_larder\"",
                    summary: "for zsh, before compinit"),
                Example(
                    line: "larder completions fish > ~/.config/fish/completions/larder.fish",
                    summary: "for fish"),
            ],
            invocation: { .completions(Shell(rawValue: $0.operands.first ?? "") ?? .bash) }),
        Command(
            words: ["man"], summary: "print the manual page",
            details: "It is made from the same table as this help; docs/man/larder.1 is the same.",
            examples: [
                Example(line: "larder man | man -l -", summary: "read it"),
                Example(
                    line: "larder man > /usr/local/share/man/man1/larder.1",
                    summary: "install it"),
            ],
            invocation: { _ in .manual }),
        Command(
            words: ["version"], summary: "print the versions of Larder, Swift and the libraries",
            examples: [Example(line: "larder version", summary: "the same as larder --version")],
            invocation: { _ in .version }),
        Command(
            words: ["help"], summary: "print this, or the help of a command",
            examples: [Example(line: "larder help serve", summary: "as larder serve --help")],
            invocation: { _ in .help(Help.overview) }),
    ]
}
