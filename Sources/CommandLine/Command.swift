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

        /// As the help's line of usage has it.
        var usage: String {
            switch self {
            case .none: ""
            case .one(let name): " \(name)"
            case .oneOrNone(let name): " [\(name)]"
            case .any(let name): " [\(name)...]"
            }
        }

        var limit: Int {
            switch self {
            case .none: 0
            case .one, .oneOrNone: 1
            case .any: .max
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
    static let all = serving + operating + keeping + rest

    private static let serving = [
        Command(
            words: ["serve"], summary: "run the server",
            details: """
                SIGTERM drains and stops it. SIGHUP is ignored: after a change of the configuration,
                stop it and start it again.
                Exit status 0 after a drain, 1 when serving failed, 2 when the configuration is wrong.
                """,
            options: serverOptions,
            examples: [
                Example(line: "larder serve", summary: "PyPI on 127.0.0.1:8080"),
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
            options: serverOptions,
            examples: [
                Example(line: "larder healthcheck", summary: "ask /readyz where `serve` listens")
            ],
            invocation: { .healthcheck($0.server) }),
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
