/// One element of a YAML document, with the place where it starts.
package struct YAMLNode: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        case scalar(String, YAMLScalarStyle)
        case sequence([YAMLNode])
        /// In the order of the text; no key stands twice.
        case mapping([Entry])
    }

    package struct Entry: Equatable, Sendable {
        package let key: String
        package let keyPosition: YAMLPosition
        package let value: YAMLNode

        package init(key: String, keyPosition: YAMLPosition, value: YAMLNode) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    package let content: Content
    package let position: YAMLPosition

    package init(_ content: Content, at position: YAMLPosition) {
        self.content = content
        self.position = position
    }

    /// Reads a whole document into a tree; `nil` when the text holds nothing but comments.
    ///
    /// Beside what ``YAMLEvents`` refuses, a key that stands twice in one mapping and a key that is
    /// not a scalar are refused. Costs one `String` for each scalar: for documents of many
    /// megabytes read the events instead.
    package static func read(
        _ bytes: Span<UInt8>, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        var events = try YAMLEvents(bytes, limits: limits)
        guard let first = try events.next() else { return nil }
        let root = try node(first, &events)
        // Past the end, so that a second document or trailing rubbish is seen.
        while try events.next() != nil {}
        return root
    }

    package static func read(
        _ text: String, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        try read(Array(text.utf8).span, limits: limits)
    }

    /// Whether this is what YAML calls null: nothing, `~` or `null`, without quotes.
    package var isNull: Bool {
        switch content {
        case .scalar(let text, .plain): ["", "~", "null", "Null", "NULL"].contains(text)
        case .scalar, .sequence, .mapping: false
        }
    }

    package var isMapping: Bool {
        if case .mapping = content { true } else { false }
    }

    /// The value under `key`, when this is a mapping that has it.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

extension YAMLNode {
    // The recursion ends at `YAMLLimits.depth`, which the events hold.
    private static func node(
        _ event: YAMLEvent, _ events: inout YAMLEvents
    ) throws(YAMLError) -> YAMLNode {
        let position = events.position
        switch event {
        case .scalar(let style):
            return YAMLNode(.scalar(events.scalar, style), at: position)
        case .sequenceStart:
            var nodes: [YAMLNode] = []
            while let next = try events.next(), next != .sequenceEnd {
                nodes.append(try node(next, &events))
            }
            return YAMLNode(.sequence(nodes), at: position)
        case .mappingStart:
            return YAMLNode(.mapping(try entries(&events)), at: position)
        case .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml closed what it had not opened")
        }
    }

    private static func entries(_ events: inout YAMLEvents) throws(YAMLError) -> [Entry] {
        var entries: [Entry] = []
        var lines: [String: Int] = [:]
        while let event = try events.next(), event != .mappingEnd {
            let position = events.position
            guard case .scalar = event else { throw YAMLError(.keyNotScalar, at: position) }
            let key = events.scalar
            if let line = lines.updateValue(position.line, forKey: key) {
                throw YAMLError(.duplicateKey(firstLine: line), at: position)
            }
            guard let event = try events.next() else { break }
            let value = try node(event, &events)
            entries.append(Entry(key: key, keyPosition: position, value: value))
        }
        return entries
    }
}
