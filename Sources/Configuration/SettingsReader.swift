internal import YAML

/// Looks settings up one by one, and collects what is wrong instead of stopping at the first.
struct SettingsReader {
    let source: ConfigurationSource
    let builtIn: ConfigurationText
    let file: ConfigurationText?
    private(set) var problems: [ConfigurationError.Problem] = []
    private(set) var entries: [Settings.Entry] = []

    init(_ source: ConfigurationSource) throws(ConfigurationError) {
        self.source = source
        builtIn = try ConfigurationText(
            name: Origin.builtInName, bytes: Array(DefaultDocument.text.utf8))
        if let named = source.file {
            let file = try ConfigurationText(name: named.name, bytes: named.bytes)
            problems = NameCheck(file: file, builtIn: builtIn).problems()
            self.file = file
        } else {
            file = nil
        }
    }

    /// A setting that must have a value.
    mutating func value<Value>(_ key: String, _ form: ValueForm<Value>) -> Value {
        guard let placeholder = form.placeholder else {
            preconditionFailure("a setting that must have a value needs a placeholder")
        }
        guard let raw = raw(key) else { return placeholder }
        guard !raw.text.isEmpty else {
            refuse(key, raw.origin, "must be \(form.expected); it is empty")
            return placeholder
        }
        guard let value = parsed(raw, key, form) else { return placeholder }
        record(key, form.show(value), raw.origin)
        return value
    }

    /// A setting that may be empty, and is then `nil`.
    mutating func optional<Value>(_ key: String, _ form: ValueForm<Value>) -> Value? {
        guard let raw = raw(key) else { return nil }
        guard !raw.text.isEmpty else {
            record(key, "", raw.origin)
            return nil
        }
        guard let value = parsed(raw, key, form) else { return nil }
        record(key, form.show(value), raw.origin)
        return value
    }

    /// A sequence of hosts, or one text with commas.
    mutating func hosts(_ key: String) -> [HostAndPort] { list(key, .host) }

    /// A sequence, or one text with commas.
    mutating func list<Value>(_ key: String, _ form: ValueForm<Value>) -> [Value] {
        var values: [Value] = []
        var origin: Origin?
        for item in items(key) {
            origin = origin ?? item.origin
            for part in item.text.split(separator: ",") {
                let text = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                let piece = Raw(text: text, origin: item.origin)
                if let value = parsed(piece, key, form) { values.append(value) }
            }
        }
        if let origin {
            record(key, values.map(form.show).joined(separator: ","), origin)
        }
        return values
    }

    /// The names under a key whose names are the operator's, in the file's order.
    ///
    /// Names that ``NameCheck`` refuses are left out.
    mutating func names(below key: String) -> [String] {
        guard case .mapping(let entries) = file?.node(key)?.content, !entries.isEmpty else {
            record(key, "", origin(of: key))
            return []
        }
        return entries.map(\.key).filter { DefaultDocument.fault(inName: $0, below: key) == nil }
    }

    func hasProblem(below key: String) -> Bool {
        problems.contains { $0.key == key || $0.key.hasPrefix("\(key).") }
    }

    /// A secret under `key`, or in the file that `key` with `_file` names.
    mutating func secret(_ key: String) -> Secret? {
        let here = raw(key).flatMap { $0.text.isEmpty ? nil : $0 }
        let fileKey = "\(key)_file"
        guard let named = raw(fileKey), !named.text.isEmpty else {
            return here.flatMap { checkedSecret($0.text, key, $0.origin) }
        }
        if here != nil {
            refuse(fileKey, named.origin, "stands beside \(key); only one of the two may be set")
            return nil
        }
        guard let path = parsed(named, fileKey, .path(from: source.workingFolder)) else {
            return nil
        }
        record(fileKey, path, named.origin)
        guard let text = source.readSecret(path) else {
            refuse(fileKey, named.origin, "names a file that cannot be read")
            return nil
        }
        // Editors and `echo` end a file with a line end, which is no part of the secret.
        let end = text.utf8.lastIndex { $0 != 0x0A && $0 != 0x0D }
        let secret = end.map { String(text.utf8[...$0]) ?? "" } ?? ""
        return checkedSecret(secret, fileKey, named.origin)
    }

    mutating func refuse(_ key: String, _ origin: Origin, _ sentence: String) {
        problems.append(.init(origin: origin, key: key, sentence: sentence))
    }

    /// Refuses the value of `key` where it stands.
    mutating func refuse(_ key: String, _ sentence: String) {
        refuse(key, origin(of: key), sentence)
    }

    /// Where `key` stands, for a problem that is about several settings together.
    func origin(of key: String) -> Origin {
        if let file, let node = file.node(key) { return file.origin(line: node.position.line) }
        return place(key).map { $0.text.origin(line: $0.node.position.line) } ?? .builtIn(line: 1)
    }

    /// Whether the operator's file has a map where one value is usual.
    func isMap(_ key: String) -> Bool {
        if case .mapping = file?.node(key)?.content { true } else { false }
    }
}

extension SettingsReader {
    private struct Raw {
        let text: String
        let origin: Origin
    }

    /// The text and the node that hold `key`: the file before the default.
    ///
    /// The URL of a map without `url` is the value that the default has in the map's place.
    private func place(_ key: String) -> (text: ConfigurationText, node: YAMLNode)? {
        if let file, !isMap(key), let node = file.node(key) { return (file, node) }
        let outer = key.hasSuffix(".url") ? String(key.dropLast(4)) : key
        return (builtIn.node(key) ?? builtIn.node(outer)).map { (builtIn, $0) }
    }

    /// The text of a setting with its variables filled in: option, then file, then default.
    private mutating func raw(_ key: String) -> Raw? {
        if let option = source.options.last(where: { $0.key == key }) {
            return Raw(text: option.text, origin: .option(option.name))
        }
        guard let found = place(key), case .scalar = found.node.content else { return nil }
        return expanded(found.node, in: found.text, key)
    }

    private mutating func items(_ key: String) -> [Raw] {
        guard source.options.allSatisfy({ $0.key != key }), let found = place(key),
            case .sequence(let nodes) = found.node.content
        else { return raw(key).map { [$0] } ?? [] }
        return nodes.compactMap { node in
            guard case .scalar = node.content else {
                let line = found.text.origin(line: node.position.line)
                refuse(key, line, "must be a list of plain values")
                return nil
            }
            return expanded(node, in: found.text, key)
        }
    }

    private mutating func expanded(
        _ node: YAMLNode, in text: ConfigurationText, _ key: String
    ) -> Raw? {
        let line = node.position.line
        guard case .scalar(let written, _) = node.content, !node.isNull else {
            return Raw(text: "", origin: text.origin(line: line))
        }
        do throws(Expansion.Failure) {
            let expansion = try Expansion(written, environment: source.environment)
            let origin = text.origin(line: line, variables: expansion.variables)
            return Raw(text: expansion.text, origin: origin)
        } catch {
            refuse(key, text.origin(line: line), "\(error)")
            return nil
        }
    }

    private mutating func parsed<Value>(
        _ raw: Raw, _ key: String, _ form: ValueForm<Value>
    ) -> Value? {
        switch form.parse(raw.text) {
        case .value(let value):
            return value
        case .refused(let sentence):
            refuse(key, raw.origin, sentence)
        case .wrong:
            // A long text in the wrong place is more likely a secret than a slip.
            let isShort = raw.text.utf8.count <= 40
            let got = form.privacy == .shown && isShort ? "; it is \"\(raw.text)\"" : ""
            refuse(key, raw.origin, "must be \(form.expected)\(got)")
        }
        return nil
    }

    private mutating func checkedSecret(
        _ text: String, _ key: String, _ origin: Origin
    ) -> Secret? {
        guard !text.isEmpty else {
            refuse(key, origin, "names an empty file")
            return nil
        }
        // A line end inside would let a secret add header fields to a request.
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            refuse(key, origin, "must be one line without control characters")
            return nil
        }
        if !key.hasSuffix("_file") { record(key, "\(Secret(text))", origin) }
        return Secret(text)
    }

    private mutating func record(_ key: String, _ text: String, _ origin: Origin) {
        entries.append(Settings.Entry(key: key, text: text, origin: origin))
    }
}
