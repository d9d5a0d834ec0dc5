internal import Spelling
internal import YAML

/// One parsed configuration text: the operator's file, or the built-in default.
struct ConfigurationText {
    /// The file's name, or ``Origin/builtInName``.
    let name: String
    let root: YAMLNode?

    init(name: String, bytes: [UInt8]) throws(ConfigurationError) {
        self.name = name
        do {
            root = try YAMLNode.read(bytes.span)
        } catch {
            let line = Origin.file(name, line: error.position.line)
            let sentence = "\(error.sentence) (column \(error.position.column))"
            throw ConfigurationError(problems: [.init(origin: line, key: "", sentence: sentence)])
        }
    }

    func origin(line: Int, variables: [String] = []) -> Origin {
        if let variable = variables.first {
            return .variable(variable, file: name, line: line)
        }
        return name == Origin.builtInName ? .builtIn(line: line) : .file(name, line: line)
    }

    /// The value under a full key, and `nil` where the path ends early.
    func node(_ key: String) -> YAMLNode? {
        var node = root
        for part in DefaultDocument.path(of: key) {
            node = node?[part]
        }
        return node
    }
}

/// Compares the names in a file with those of the default document.
struct NameCheck {
    let file: ConfigurationText
    let builtIn: ConfigurationText

    /// Unknown keys, with the nearest known one, and values where a section should be.
    func problems() -> [ConfigurationError.Problem] {
        guard let root = file.root, !root.isNull else { return [] }
        return section(root, builtIn.root, path: "")
    }

    /// The full keys of the default document that hold a value.
    static func settingKeys(of text: ConfigurationText) -> [String] {
        func keys(_ node: YAMLNode?, _ path: String) -> [String] {
            guard case .mapping(let entries) = node?.content else { return [path] }
            return entries.flatMap { keys($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        }
        return keys(text.root, "")
    }

    private func section(
        _ node: YAMLNode, _ known: YAMLNode?, path: String
    ) -> [ConfigurationError.Problem] {
        guard case .mapping(let entries) = node.content else {
            guard !node.isNull else { return [] }
            let names = Self.names(known, path).joined(separator: ", ")
            let problem = "must be a section with keys of its own: \(names)"
            return [.init(origin: origin(node.position.line), key: path, sentence: problem)]
        }
        let names = Self.names(known, path)
        return entries.flatMap { entry in
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            guard names.contains(entry.key) else {
                return [unknown(entry, key: key, siblings: names)]
            }
            return value(entry.value, known?[entry.key], key: key)
        }
    }

    private func value(
        _ node: YAMLNode, _ known: YAMLNode?, key: String
    ) -> [ConfigurationError.Problem] {
        if case .mapping = known?.content { return section(node, known, path: key) }
        if DefaultDocument.named[key] != nil, node.isMapping || !DefaultDocument.isList(key) {
            return named(node, key: key)
        }
        switch node.content {
        case .scalar: return []
        case .mapping where DefaultDocument.keys(ofMap: key) != nil:
            return section(node, nil, path: key)
        case .sequence where DefaultDocument.isList(key): return []
        case .mapping, .sequence:
            let form = DefaultDocument.isList(key) ? "a value or a list" : "one value"
            return [
                .init(origin: origin(node.position.line), key: key, sentence: "must be \(form)")
            ]
        }
    }

    /// A map whose names are the operator's.
    private func named(_ node: YAMLNode, key: String) -> [ConfigurationError.Problem] {
        guard case .mapping(let entries) = node.content else {
            guard !node.isNull else { return [] }
            let sentence = "must be a map of names, each with a URL or a map of its own"
            return [.init(origin: origin(node.position.line), key: key, sentence: sentence)]
        }
        return entries.flatMap { entry in
            let path = "\(key).\(entry.key)"
            guard let fault = DefaultDocument.fault(inName: entry.key, below: key) else {
                return value(entry.value, nil, key: path)
            }
            let line = origin(entry.keyPosition.line)
            return [.init(origin: line, key: path, sentence: fault)]
        }
    }

    private func unknown(
        _ entry: YAMLNode.Entry, key: String, siblings: [String]
    ) -> ConfigurationError.Problem {
        let prefix = key.dropLast(entry.key.count)
        let sentence: String
        if let near = nearestName(to: entry.key, among: siblings) {
            sentence = "is not a known key; did you mean \(prefix)\(near)?"
        } else if let elsewhere = Self.settingKeys(of: builtIn).first(where: {
            $0.split(separator: ".").last.map(String.init) == entry.key
        }) {
            sentence = "is not a known key here; did you mean \(elsewhere)?"
        } else {
            sentence = "is not a known key; known here: \(siblings.joined(separator: ", "))"
        }
        return .init(origin: origin(entry.keyPosition.line), key: key, sentence: sentence)
    }

    private func origin(_ line: Int) -> Origin { file.origin(line: line) }

    private static func names(_ known: YAMLNode?, _ path: String) -> [String] {
        if case .mapping(let entries) = known?.content { return entries.map(\.key) }
        return DefaultDocument.keys(ofMap: path) ?? []
    }
}
