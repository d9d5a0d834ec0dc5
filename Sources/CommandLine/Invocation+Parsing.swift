internal import Spelling

extension Invocation {
    /// Reads the arguments after the program's name.
    ///
    /// Options may stand as `--name value` or `--name=value`, after the command's words. `--help`
    /// and `-h` win over everything else that is wrong in the line.
    package init(arguments: [String]) throws(UsageError) {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        if arguments.contains("--help") || arguments.contains("-h") {
            self = .help(Help.text(for: Self.knownWords(Array(words))))
            return
        }
        switch (arguments.first, words.first) {
        case (nil, _):
            self = .help(Help.overview)
        case ("--version", _):
            self = .version
        case (_, "help"?) where arguments.count == words.count:
            let topic = Array(words.dropFirst())
            guard Self.knownWords(topic) == topic else { throw Self.unknownCommand(topic) }
            self = .help(Help.text(for: topic))
        default:
            let command = try Self.command(Array(words))
            let rest = arguments.dropFirst(command.words.count)
            self = command.invocation(try Self.read(Array(rest), command))
        }
    }
}

extension Invocation {
    private static func command(_ words: [String]) throws(UsageError) -> Command {
        guard !words.isEmpty else {
            throw usage("an option stands before the command", help: [])
        }
        let matching = Command.all.filter { words.starts(with: $0.words) }
        if let command = matching.first { return command }
        // `config` alone means its first command, as the help of the group shows.
        if words.count == 1, let first = Command.all.first(where: { $0.words.starts(with: words) })
        {
            return Command(
                words: words, summary: first.summary, options: first.options, examples: [],
                invocation: first.invocation)
        }
        throw unknownCommand(words)
    }

    private static func read(
        _ arguments: [String], _ command: Command
    ) throws(UsageError) -> Command.Arguments {
        var result = Command.Arguments()
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            // A hyphen alone is standard input.
            guard argument.hasPrefix("-"), argument != "-" else {
                guard result.operands.count < command.operands.limit else {
                    throw usage("unexpected argument \"\(argument)\"", help: command.words)
                }
                result.operands.append(argument)
                index += 1
                continue
            }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = command.options.first(where: { $0.name == name }) else {
                throw unknownOption(name, command)
            }
            index += 1
            var value = parts.count == 2 ? String(parts[1]) : nil
            guard !option.value.isEmpty else {
                guard value == nil else {
                    throw usage("option \(name) takes no value", help: command.words)
                }
                result.values[name] = ""
                continue
            }
            if value == nil, index < arguments.count, !arguments[index].hasPrefix("--") {
                value = arguments[index]
                index += 1
            }
            guard let value, !value.isEmpty else {
                throw usage("option \(name) needs a value", help: command.words)
            }
            result.values[name] = value
            result.all[name, default: []].append(value)
        }
        try check(result.operands, command)
        return result
    }

    /// Whether there are as many operands as the command needs, and of the words that it knows.
    private static func check(_ operands: [String], _ command: Command) throws(UsageError) {
        switch command.operands {
        case .one(let name), .some(let name), .choice(let name, _):
            guard !operands.isEmpty else {
                throw usage("\"\(command.name)\" needs a \(name)", help: command.words)
            }
        case .none, .oneOrNone, .any: break
        }
        guard case .choice(let name, let words) = command.operands, let typed = operands.first,
            !words.contains(typed)
        else { return }
        let near = nearestName(to: typed, among: words)
        let hint = near.map { "; did you mean \($0)?" } ?? ": \(words.joined(separator: ", "))"
        throw usage("unknown \(name) \"\(typed)\"\(hint)", help: command.words)
    }

    /// The longest beginning of `words` that begins some command.
    private static func knownWords(_ words: [String]) -> [String] {
        var known = words[...]
        while !known.isEmpty, !Command.all.contains(where: { $0.words.starts(with: known) }) {
            known = known.dropLast()
        }
        return Array(known)
    }

    private static func unknownCommand(_ words: [String]) -> UsageError {
        let known = knownWords(words)
        let candidates = Command.all.filter { $0.words.starts(with: known) }
            .compactMap { $0.words.dropFirst(known.count).first }
        let path = known.map { "\($0) " }.joined()
        guard known.count < words.count else {
            return usage("\"\(path)\" needs a further word", help: known)
        }
        let typed = words[known.count]
        let near = nearestName(to: typed, among: candidates)
        let hint = near.map { "; did you mean \"larder \(path)\($0)\"?" } ?? ""
        return usage("unknown command \"\(path)\(typed)\"\(hint)", help: known)
    }

    private static func unknownOption(_ name: String, _ command: Command) -> UsageError {
        let near = nearestName(to: name, among: command.options.map(\.name) + ["--help"])
        let hint = near.map { "; did you mean \($0)?" } ?? ""
        return usage("unknown option \(name)\(hint)", help: command.words)
    }

    private static func usage(_ sentence: String, help words: [String]) -> UsageError {
        let path = words.map { "\($0) " }.joined()
        return UsageError(
            description: "larder: \(sentence)\nTry \"larder \(path)--help\".")
    }
}
