import CYAML

/// What the reader met; the text of a scalar is asked for apart, so that a skipped one costs no
/// allocation.
package enum YAMLEvent: Equatable, Sendable {
    case scalar(YAMLScalarStyle)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
}

package enum YAMLScalarStyle: Equatable, Sendable {
    /// Written without quotes, so it may mean a number, a Boolean or nothing at all.
    case plain
    /// Written with quotes, as a block, or tagged `!!str`: always a text.
    case quoted
}

/// The events of one YAML document, pulled one by one.
///
/// Aliases, anchors and tags (other than the three that say what is there anyway: `!!str`, `!!seq`,
/// `!!map`) are refused, so the memory that a text can ask for is bounded by its length. Only UTF-8
/// is read. It cannot be copied, because libyaml's parser is C state with one owner; `deinit` frees
/// it on every path. Not thread-safe.
@safe package struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private let source: YAMLSource
    private let limits: YAMLLimits
    private var depth = 0
    private var eventCount = 0
    private var documentCount = 0
    private var isAtEnd = false

    /// Shares `bytes` without a copy and parses nothing yet.
    package init(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        let start = YAMLPosition(line: 1, column: 1)
        guard bytes.count <= limits.bytes else {
            throw YAMLError(.textTooLarge(limitBytes: limits.bytes), at: start)
        }
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLError(.outOfMemory, at: start)
        }
        let source = YAMLSource(bytes)
        // The source outlives the parser: `deinit` deletes the parser first.
        unsafe yaml_parser_set_input(
            parser, readYAMLPiece, Unmanaged.passUnretained(source).toOpaque())
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        let event = UnsafeMutablePointer<yaml_event_t>.allocate(capacity: 1)
        unsafe event.initialize(to: yaml_event_t())
        unsafe self.parser = unsafe parser
        unsafe self.event = unsafe event
        self.source = source
        self.limits = limits
    }

    /// Copies `bytes` once and parses nothing yet.
    package init(_ bytes: Span<UInt8>, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(
                .textTooLarge(limitBytes: limits.bytes), at: YAMLPosition(line: 1, column: 1))
        }
        let copy = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
        try self.init(copy, limits: limits)
    }

    deinit {
        unsafe yaml_event_delete(event)
        unsafe event.deallocate()
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// The next event, or `nil` after the end of the document (and at once for an empty text).
    ///
    /// After an error the reader is at its end.
    package mutating func next() throws(YAMLError) -> YAMLEvent? {
        while !isAtEnd {
            do throws(YAMLError) {
                try parse()
                if let found = try current() { return found }
            } catch {
                isAtEnd = true
                throw error
            }
        }
        return nil
    }

    /// Where the current event starts; line 1, column 1 before the first.
    package var position: YAMLPosition {
        unsafe Self.position(event.pointee.start_mark)
    }

    /// The text of the current scalar; empty when the current event is none.
    package var scalar: String {
        withScalar { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Lends the bytes of the current scalar (valid UTF-8), or none when the event is no scalar.
    package func withScalar<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        guard unsafe event.pointee.type == YAML_SCALAR_EVENT else {
            return body(Span())
        }
        let count = unsafe Int(event.pointee.data.scalar.length)
        let bytes = unsafe UnsafeBufferPointer(
            start: event.pointee.data.scalar.value, count: count)
        return unsafe body(Span(_unsafeElements: bytes))
    }

    /// Appends the bytes of the current scalar (valid UTF-8), or none when the event is no scalar.
    package func appendScalar(to bytes: inout [UInt8]) {
        guard unsafe event.pointee.type == YAML_SCALAR_EVENT else { return }
        let count = unsafe Int(event.pointee.data.scalar.length)
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: event.pointee.data.scalar.value, count: count))
    }
}

extension YAMLEvents {
    private mutating func parse() throws(YAMLError) {
        unsafe yaml_event_delete(event)
        source.allow(limits.stretch)
        guard unsafe yaml_parser_parse(parser, event) == 1 else { throw failure() }
        eventCount += 1
        guard eventCount <= limits.events else {
            throw YAMLError(.tooManyEvents(limit: limits.events), at: position)
        }
    }

    /// The current event as ours, or `nil` for one that only frames the document.
    private mutating func current() throws(YAMLError) -> YAMLEvent? {
        switch unsafe event.pointee.type {
        case YAML_STREAM_END_EVENT:
            isAtEnd = true
            return nil
        case YAML_DOCUMENT_START_EVENT:
            documentCount += 1
            guard documentCount == 1 else { throw YAMLError(.secondDocument, at: position) }
            return nil
        case YAML_ALIAS_EVENT:
            throw YAMLError(.alias, at: position)
        case YAML_SCALAR_EVENT:
            return try .scalar(scalarStyle())
        case YAML_SEQUENCE_START_EVENT:
            unsafe try check(
                anchor: event.pointee.data.sequence_start.anchor,
                tag: event.pointee.data.sequence_start.tag, allowed: "tag:yaml.org,2002:seq")
            try open()
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            unsafe try check(
                anchor: event.pointee.data.mapping_start.anchor,
                tag: event.pointee.data.mapping_start.tag, allowed: "tag:yaml.org,2002:map")
            try open()
            return .mappingStart
        case YAML_SEQUENCE_END_EVENT:
            depth -= 1
            return .sequenceEnd
        case YAML_MAPPING_END_EVENT:
            depth -= 1
            return .mappingEnd
        default:  // stream start and document end
            return nil
        }
    }

    private mutating func scalarStyle() throws(YAMLError) -> YAMLScalarStyle {
        let tag = unsafe event.pointee.data.scalar.tag
        unsafe try check(
            anchor: event.pointee.data.scalar.anchor, tag: tag, allowed: "tag:yaml.org,2002:str")
        let isPlain = unsafe event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
        return unsafe isPlain && tag == nil ? .plain : .quoted
    }

    private mutating func open() throws(YAMLError) {
        depth += 1
        guard depth <= limits.depth else {
            throw YAMLError(.tooDeep(limit: limits.depth), at: position)
        }
    }

    private mutating func check(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?,
        allowed: String
    ) throws(YAMLError) {
        guard unsafe anchor == nil else { throw YAMLError(.anchor, at: position) }
        guard let tag = unsafe tag else { return }
        // It costs as much as an element of its own.
        eventCount += 1
        // libyaml ends every tag with a NUL.
        guard unsafe String(cString: tag) == allowed else { throw YAMLError(.tag, at: position) }
    }

    /// libyaml's own account of why parsing stopped; its sentences are constants of the library.
    private func failure() -> YAMLError {
        let place = unsafe Self.position(parser.pointee.problem_mark)
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        switch unsafe parser.pointee.error {
        case YAML_MEMORY_ERROR:
            return YAMLError(.outOfMemory, at: place)
        case YAML_READER_ERROR where source.isBeyondLimit:
            return unsafe YAMLError(
                .stretchTooLong(limitBytes: limits.stretch), at: Self.position(parser.pointee.mark))
        case YAML_READER_ERROR:
            // The reader works ahead and gives a byte offset only, so the line is counted here.
            let offset = unsafe parser.pointee.problem_offset
            return YAMLError(
                .syntax(problem ?? "the bytes are not UTF-8"), at: position(ofByte: Int(offset)))
        default:
            return YAMLError(.syntax(problem ?? "unknown problem"), at: place)
        }
    }

    private func position(ofByte offset: Int) -> YAMLPosition {
        var line = 1
        var column = 1
        for byte in source.bytes[source.start...].prefix(max(offset, 0)) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return YAMLPosition(line: line, column: column)
    }

    private static func position(_ mark: yaml_mark_t) -> YAMLPosition {
        YAMLPosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
