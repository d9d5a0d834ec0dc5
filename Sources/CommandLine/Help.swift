/// The help texts, made from the table of commands.
enum Help {
    static var overview: String {
        let width = Command.all.map(\.name.count).max() ?? 0
        let rows = Command.all.map { "  \(padded($0.name, to: width))  \($0.summary)" }
        return """
            larder: a pull-through cache for package registries

            Usage: larder COMMAND [OPTIONS]

            Commands:
            \(rows.joined(separator: "\n"))

            Examples:
              larder serve                            # then: pip install --index-url
                                                      #   http://127.0.0.1:8080/pypi/simple/ NAME
              larder config default > larder.yaml     # a configuration to start from

            `larder COMMAND --help` says more about a command.

            """
    }

    /// The help of one command, or of the group that `words` begins.
    static func text(for words: [String]) -> String {
        let commands = Command.all.filter { $0.words.starts(with: words) }
        guard let command = commands.first, !words.isEmpty else { return overview }
        return commands.count == 1 ? text(for: command) : text(for: commands, under: words)
    }

    private static func text(for command: Command) -> String {
        var lines = ["larder \(command.name): \(command.summary)", ""]
        let options = command.options.isEmpty ? "" : " [OPTIONS]"
        lines.append("Usage: larder \(command.name)\(options)\(command.operands.usage)")
        if !command.details.isEmpty { lines += ["", command.details] }
        lines += ["", "Options:"]
        let named = command.options.map { ($0.usage, $0.summary) }
        lines += rows(named + [("--help", "print this")])
        lines += ["", "Examples:"] + rows(command.examples.map { ($0.line, "# \($0.summary)") })
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(for commands: [Command], under words: [String]) -> String {
        let group = words.joined(separator: " ")
        var lines = ["Usage: larder \(group) COMMAND [OPTIONS]", "", "Commands:"]
        lines += rows(commands.map { ($0.name, $0.summary) })
        lines += ["", "`larder \(group)` alone is `larder \(commands[0].name)`.", "", "Examples:"]
        lines += rows(commands.flatMap(\.examples).map { ($0.line, "# \($0.summary)") })
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rows(_ rows: [(String, String)]) -> [String] {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \(padded($0.0, to: width))  \($0.1)" }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
