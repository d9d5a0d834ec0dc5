internal import Ecosystems

/// An index written as JSON, which Helm reads under the same name.
struct JSONIndexEvents: ~Copyable, IndexEvents {
    private var reader: DocumentReader
    // Open containers, innermost last: true for an object.
    private var open: [Bool] = []
    private var isAtValue = true
    private var scalar: JSONText?

    /// Nil when `bytes` are no JSON text: they may be YAML all the same.
    init?(_ bytes: [UInt8]) {
        guard bytes.first(where: { !Self.isSpace($0) }) == UInt8(ascii: "{") else { return nil }
        var check = JSONReader(bytes)
        guard (try? check.value()) != nil, (try? check.finish()) != nil else { return nil }
        reader = DocumentReader(bytes)
    }

    mutating func next() throws(DocumentFault) -> IndexEvent? {
        if isAtValue { return try value() }
        switch open.last {
        case true?:
            guard let key = try reader.nextKey() else { return end(.mappingEnd) }
            scalar = key
            isAtValue = true
            return .quoted
        case false?: return try reader.nextElement() ? try value() : end(.sequenceEnd)
        case nil: return nil
        }
    }

    func appendScalar(to bytes: inout [UInt8]) {
        scalar?.append(to: &bytes, from: reader.bytes)
    }

    private mutating func value() throws(DocumentFault) -> IndexEvent {
        isAtValue = false
        switch try reader.kind() {
        case .object:
            try reader.enterObject()
            open.append(true)
            return .mappingStart
        case .array:
            try reader.enterArray()
            open.append(false)
            return .sequenceStart
        case .string:
            scalar = try reader.string()
            return .quoted
        case .number, .true, .false, .null:
            scalar = JSONText(range: try reader.value(), hasEscapes: false)
            return .plain
        }
    }

    private mutating func end(_ event: IndexEvent) -> IndexEvent {
        open.removeLast()
        return event
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
