/// Scripts by which shells complete larder's words, made from the table of commands.
package enum Completions {
    package static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// What may follow some words: further words with what they do.
    struct Level {
        let words: [String]
        let next: [(word: String, summary: String)]
    }

    /// The levels of the table: no word, then each group.
    static var levels: [Level] {
        var levels = [Level(words: [], next: firstWords)]
        for word in firstWords.map(\.word) {
            let group = Command.all.filter { $0.words.count > 1 && $0.words[0] == word }
            guard !group.isEmpty else { continue }
            levels.append(
                Level(words: [word], next: group.map { (word: $0.words[1], summary: $0.summary) }))
        }
        return levels
    }

    private static var firstWords: [(word: String, summary: String)] {
        var seen: Set<String> = []
        return Command.all.filter { seen.insert($0.words[0]).inserted }.map { command in
            let group = Command.all.filter { $0.words[0] == command.words[0] }
            let names = group.compactMap { $0.words.dropFirst().first }.joined(separator: ", ")
            return (word: command.words[0], summary: group.count > 1 ? names : command.summary)
        }
    }

    /// The options of a command with `--help`, which every command has.
    static func options(of command: Command) -> [Command.Option] {
        command.options + [Command.Option(name: "--help", value: "", summary: "print help")]
    }

    /// Whether a value or operand of this name is a file or a folder.
    static func isPath(_ name: String) -> Bool { ["FILE", "DIR"].contains(name) }

    // MARK: bash

    private static var bash: String {
        let groups = levels.dropFirst().map(\.words[0]).joined(separator: "|")
        let cases = Command.all.map { command -> String in
            let names = options(of: command).map(\.name).joined(separator: " ")
            return """
                        "\(command.name)") options="\(names)"; words="\(choices(command))"; files="\(takesFiles(command) ? "yes" : "")" ;;
                """
        }
        let valued = Set(Command.all.flatMap(\.options).filter { !$0.value.isEmpty })
        let paths = valued.filter { isPath($0.value) }.map(\.name).sorted()
        let others = valued.filter { !isPath($0.value) }.map(\.name).sorted()
        let next = levels.map { level in
            """
                    "\(level.words.joined())") words="\(level.next.map(\.word).joined(separator: " "))" ;;
            """
        }
        return """
            # bash completion for larder; made by `larder completions bash`.
            _larder() {
                local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}"
                local command="" options="" words="" files="" index
                for ((index = 1; index < COMP_CWORD; index++)); do
                    [[ "${COMP_WORDS[index]}" == -* ]] && break
                    case "$command" in
                        "") command="${COMP_WORDS[index]}" ;;
                        \(groups)) command="$command ${COMP_WORDS[index]}" ;;
                    esac
                done
                COMPREPLY=()
                case "$before" in
                    \(paths.joined(separator: "|"))) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
                    \(others.joined(separator: "|"))) return ;;
                esac
                case "$command" in
            \(next.joined(separator: "\n"))
            \(cases.joined(separator: "\n"))
                esac
                if [[ "$word" == -* ]]; then words="$options"; files=""; fi
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
                if [[ -n "$files" ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$word")
                fi
            }
            complete -F _larder larder

            """
    }

    private static func choices(_ command: Command) -> String {
        if case .choice(_, let words) = command.operands {
            words.joined(separator: " ")
        } else {
            ""
        }
    }

    private static func takesFiles(_ command: Command) -> Bool {
        if case .some(let name) = command.operands { isPath(name) } else { false }
    }

    // MARK: zsh

    private static var zsh: String {
        let next = levels.map { level in
            let rows = level.next.map { "'\($0.word):\(quoted($0.summary))'" }
            return """
                        "\(level.words.joined())") words=(\(rows.joined(separator: " "))) ;;
                """
        }
        let cases = Command.all.map { command in
            let options = options(of: command).map(zshOption)
            var operand = ""
            if takesFiles(command) { operand = " '*:file:_files'" }
            if !choices(command).isEmpty { operand = " '1:shell:(\(choices(command)))'" }
            return """
                        "\(command.name)") _arguments \(options.joined(separator: " "))\(operand) ;;
                """
        }
        let groups = levels.dropFirst().map(\.words[0]).joined(separator: "|")
        return """
            #compdef larder
            # zsh completion for larder; made by `larder completions zsh`.
            _larder() {
                local command="" word taken=1
                local -a known
                for word in "${(@)words[2,CURRENT-1]}"; do
                    [[ "$word" == -* ]] && break
                    case "$command" in
                        "") command="$word"; taken=2 ;;
                        \(groups)) command="$command $word"; taken=3 ;;
                        *) break ;;
                    esac
                done
                case "$command" in
                    \(levels.map { "\"\($0.words.joined())\"" }.joined(separator: "|")))
                        local -a words
                        case "$command" in
            \(next.joined(separator: "\n"))
                        esac
                        known=("${words[@]}")
                        _describe command known
                        return ;;
                esac
                shift $((taken - 1)) words
                ((CURRENT -= taken - 1))
                case "$command" in
            \(cases.joined(separator: "\n"))
                esac
            }
            if [[ "$funcstack[1]" == _larder ]]; then _larder "$@"; else compdef _larder larder; fi

            """
    }

    private static func zshOption(_ option: Command.Option) -> String {
        let summary = quoted(option.summary).replacing("[", with: "\\[")
            .replacing("]", with: "\\]")
        guard !option.value.isEmpty else { return "'\(option.name)[\(summary)]'" }
        let action = isPath(option.value) ? "_files" : " "
        let name = option.value.lowercased()
        return "'\(option.name)=[\(summary)]:\(name):\(action)'"
    }

    /// For a text within single quotes, where a colon ends a part.
    private static func quoted(_ text: String) -> String {
        text.replacing("'", with: "'\\''").replacing(":", with: "\\:")
    }

    // MARK: fish

    private static var fish: String {
        var lines = [
            "# fish completion for larder; made by `larder completions fish`.",
            "complete -c larder -f",
        ]
        for level in levels {
            let condition = fishCondition(level.words, isEnd: true)
            for (word, summary) in level.next {
                lines.append(
                    "complete -c larder -n '\(condition)' -a \(word) -d '\(fishQuoted(summary))'")
            }
        }
        for command in Command.all {
            let condition = fishCondition(command.words, isEnd: false)
            for option in options(of: command) {
                var line = "complete -c larder -n '\(condition)' -l \(option.name.dropFirst(2))"
                if !option.value.isEmpty { line += isPath(option.value) ? " -r -F" : " -x" }
                lines.append(line + " -d '\(fishQuoted(option.summary))'")
            }
            if takesFiles(command) { lines.append("complete -c larder -n '\(condition)' -F") }
            if !choices(command).isEmpty {
                lines.append("complete -c larder -n '\(condition)' -a '\(choices(command))'")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether the words before are these, and these alone where `isEnd` says so.
    private static func fishCondition(_ words: [String], isEnd: Bool) -> String {
        guard !words.isEmpty else { return "__fish_is_nth_token 1" }
        var parts = zip(1..., words).map { "test (commandline -opc)[\($0 + 1)] = \($1)" }
        parts.insert("test (count (commandline -opc)) -ge \(words.count + 1)", at: 0)
        if isEnd { parts.append("__fish_is_nth_token \(words.count + 1)") }
        return parts.joined(separator: "; and ")
    }

    private static func fishQuoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }
}

extension Command.Option: Hashable {
    static func == (first: Self, second: Self) -> Bool { first.name == second.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
