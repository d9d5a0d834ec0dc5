/// The manual page `larder(1)`, made from the table of commands.
///
/// Source: man-pages(7), groff_man(7).
package enum ManualPage {
    package static func text(version: String) -> String {
        var lines = [
            ".TH LARDER 1 \"\" \"larder \(version)\" \"User Commands\"",
            ".SH NAME", "larder \\- a pull-through cache for package registries",
            ".SH SYNOPSIS", ".B larder", ".I COMMAND", "[\\fIOPTIONS\\fR]",
            ".SH DESCRIPTION",
            escaped(
                "Larder stands between package managers (pip, uv, npm, helm and others) and their"),
            escaped("registries. It keeps what they fetch, and serves it when a registry is down."),
            ".PP",
            escaped("Options follow the command, as --name value or --name=value."),
            ".SH COMMANDS",
        ]
        for command in Command.all { lines += section(command) }
        lines += [
            ".SH EXIT STATUS", ".TP", ".B 0", "The work is done.", ".TP", ".B 1",
            "The work failed.", ".TP", ".B 2", "Wrong usage or configuration.",
            ".SH ENVIRONMENT", ".TP", ".B LARDER_CONFIG",
            escaped("The configuration file, where --config does not name one. Further variables"),
            escaped("stand in the built-in configuration, which `larder config default` prints."),
            ".SH FILES", ".TP", ".I ~/.local/share/larder",
            escaped("What is stored, unless the setting `data` names another folder."),
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ command: Command) -> [String] {
        let usage = command.operands.usage
        let options = command.options.isEmpty ? "" : " [OPTIONS]"
        var lines = [".SS " + escaped("larder \(command.name)\(options)\(usage)")]
        lines.append(escaped(sentence(command.summary)))
        if !command.details.isEmpty {
            lines.append(".PP")
            lines += command.details.split(separator: "\n").map { escaped(String($0)) }
        }
        for option in command.options {
            lines += [".TP", "\\fB\(escaped(option.name))\\fR" + value(option)]
            lines.append(escaped(sentence(option.summary)))
        }
        lines += [".PP", command.examples.count == 1 ? "Example:" : "Examples:"]
        for example in command.examples {
            lines += [
                ".PP", ".RS 4", ".EX", escaped("# \(example.summary)"), escaped(example.line),
            ]
            lines += [".EE", ".RE"]
        }
        return lines
    }

    private static func value(_ option: Command.Option) -> String {
        option.value.isEmpty ? "" : " \\fI\(escaped(option.value))\\fR"
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// Text of which roff takes nothing for its own.
    private static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            .replacing("`", with: "\\(ga").replacing("'", with: "\\(aq")
            .replacing("~", with: "\\(ti").replacing("^", with: "\\(ha")
        return plain.hasPrefix(".") ? "\\&" + plain : plain
    }
}
