extension Settings {
    /// The settings in use as YAML, each with its origin as a comment; secrets are `***`.
    ///
    /// Without the secrets, reading it as a file gives the same settings again.
    package var shown: String {
        var lines: [String] = []
        var open: [String] = []
        for entry in entries {
            let path = DefaultDocument.path(of: entry.key)
            let sections = Array(path.dropLast())
            let common = zip(open, sections).prefix { $0 == $1 }.count
            for depth in common..<sections.count {
                lines.append("\(Self.indent(depth))\(Self.key(sections[depth])):")
            }
            open = sections
            let start = "\(Self.indent(sections.count))\(Self.key(path[path.count - 1])):"
            let value = entry.text.isEmpty ? "" : " \(Self.quoted(entry.text))"
            let pad = String(repeating: " ", count: max(1, 48 - start.count - value.count))
            lines.append("\(start)\(value)\(pad)# \(entry.origin)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A key; one that begins with an `@` is no YAML without quotes.
    private static func key(_ name: String) -> String {
        name.hasPrefix("@") ? "\"\(name)\"" : name
    }

    private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    /// A scalar that reads as `text`: in double quotes unless nothing in it could mean something.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
                || Array("./_-".utf8).contains(byte)
        }
        if isPlain, text.utf8.first.map({ isDigit($0) || $0 == 0x2F || $0 >= 0x41 }) == true {
            return text
        }
        var inner = ""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": inner += "\\\(character)"
            case "$": inner += "$$"
            default: inner.unicodeScalars.append(character)
            }
        }
        return "\"\(inner)\""
    }
}
