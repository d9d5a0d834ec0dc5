internal import Digests
internal import Ecosystems

extension IndexWriter where Events: ~Copyable {
    /// Writes the value that begins with `event`; nothing is left behind by the one that ends.
    mutating func value(
        _ event: IndexEvent, _ shape: IndexShape
    ) throws(DocumentFault) -> IndexOutcome {
        switch shape {
        case .charts: return try charts(event)
        case .urls: return try urls(event)
        case .any: return try anything(event)
        default: break
        }
        if event.isScalar { return try scalar(event, shape) }
        if event == .mappingStart, shape.isMapping {
            try members(of: shape)
            return .written
        }
        if event == .sequenceStart, let element = shape.element {
            try elements(of: element)
            return .written
        }
        try skip(event)
        return .dropped
    }

    private mutating func elements(of shape: IndexShape) throws(DocumentFault) {
        result.bytes.append(UInt8(ascii: "["))
        while true {
            let event = try nextEvent()
            if event == .sequenceEnd { break }
            let mark = result.bytes.count
            separate()
            if try value(event, shape) != .written {
                cut(to: mark)
                result.notes.values += 1
            }
        }
        result.bytes.append(UInt8(ascii: "]"))
    }

    /// A value of which the schema says nothing, with the types that YAML and JSON share.
    private mutating func anything(_ event: IndexEvent) throws(DocumentFault) -> IndexOutcome {
        switch event {
        case .mappingStart: try members(of: .any)
        case .sequenceStart: try elements(of: .any)
        case .quoted: if options.isWritten { writeText() }
        default:
            guard options.isWritten else { break }
            let start = result.bytes.count
            let source = text()[...]
            if ScalarText.isNull(source) {
                put("null", at: start)
            } else if let flag = ScalarText.flag(source) {
                put(flag ? "true" : "false", at: start)
            } else if ScalarText.isNumber(source) {
                put(String(decoding: source, as: UTF8.self), at: start)
            }
        }
        return .written
    }

    /// A scalar where the schema knows the type.
    private mutating func scalar(
        _ event: IndexEvent, _ shape: IndexShape
    ) throws(DocumentFault) -> IndexOutcome {
        if shape == .text {
            if options.isWritten { plainText(event) }
            return .written
        }
        let start = result.bytes.count
        let source = text()[...]
        if event == .plain, ScalarText.isNull(source) {
            put("null", at: start)
            // A null among maintainers or dependencies makes clients drop the whole entry.
            let isUseless = [.apiVersion, .maintainer, .dependency].contains(shape)
            return isUseless ? .dropped : .written
        }
        switch shape {
        case .name: entry.name = unescaped(source)
        case .version: entry.version = unescaped(source)
        case .apiVersion: if !source.isEmpty { foundVersion() }
        case .flag:
            guard let flag = ScalarText.flag(source) else { return .dropped }
            put(flag ? "true" : "false", at: start)
        case .digest: return digest(source, at: start)
        case .time, .created, .generated: return time(source, shape, at: start)
        default:
            guard shape.element == .text else { return .dropped }
            // One text where a list of them belongs.
            result.bytes.insert(UInt8(ascii: "["), at: start)
            result.bytes.append(UInt8(ascii: "]"))
        }
        return .written
    }

    /// The bare lower-case digits, which every client understands; Helm 4 refuses other texts.
    private mutating func digest(_ source: ArraySlice<UInt8>, at start: Int) -> IndexOutcome {
        if source.isEmpty { return .written }
        guard let digest = Digest(indexText: source) else {
            result.notes.digests += 1
            return .withheld
        }
        entry.digest = digest
        put("\"\(digest.hex)\"", at: start)
        return .written
    }

    private mutating func time(
        _ source: ArraySlice<UInt8>, _ shape: IndexShape, at start: Int
    ) -> IndexOutcome {
        guard let time = IndexTime(source) else {
            result.notes.times += 1
            return .withheld
        }
        if shape == .created { entry.created = time }
        if shape == .generated { result.generated = time }
        put("\"\(String(decoding: time.text, as: UTF8.self))\"", at: start)
        return .written
    }

    /// Writes the current scalar as a string, or as null when that is what it is.
    private mutating func plainText(_ event: IndexEvent) {
        let start = result.bytes.count
        writeText()
        let inside = (start + 1)..<(result.bytes.count - 1)
        if event == .plain, ScalarText.isNull(result.bytes[inside]) { put("null", at: start) }
    }

    /// Writes the current scalar as a string, and gives what stands between the quotes.
    ///
    /// A copy: a slice of what was written would make the next change copy all of it.
    private mutating func text() -> [UInt8] {
        let start = result.bytes.count
        writeText()
        return Array(result.bytes[(start + 1)..<(result.bytes.count - 1)])
    }

    /// Writes the current scalar as a string.
    private mutating func writeText() {
        result.bytes.append(ScalarText.quote)
        let start = result.bytes.count
        events.appendScalar(to: &result.bytes)
        ScalarText.close(&result.bytes, from: start)
    }

    /// Writes `json` in place of what was written since `start`.
    private mutating func put(_ json: String, at start: Int) {
        cut(to: start)
        result.bytes.append(contentsOf: json.utf8)
    }

    /// The text of a string that this writer wrote.
    private func unescaped(_ source: ArraySlice<UInt8>) -> String {
        guard source.contains(0x5C) else { return String(decoding: source, as: UTF8.self) }
        return JSONText(range: source.indices, hasEscapes: true).string(in: Array(source))
    }
}
