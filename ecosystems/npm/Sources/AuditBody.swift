internal import Ecosystems
internal import HTTPModel

/// The body of an audit, without what it says of some scopes.
///
/// The names of private packages are nobody else's business. A member is left out whose key names a
/// package of a scope, or whose value is a text that does, at any depth: so it is right for the
/// bulk form, an object of names, and for the older ones, which are trees.
struct AuditBody {
    private let prefixes: [[UInt8]]
    private var reader: DocumentReader
    private var writer: JSONWriter

    static func without(
        _ scopes: Set<String>, _ body: [UInt8]
    ) throws(DocumentFault) -> [UInt8] {
        var audit = AuditBody(scopes, body)
        guard try audit.reader.kind() == .object else {
            throw DocumentFault("an audit is a JSON object")
        }
        try audit.value()
        try audit.reader.finish()
        return audit.writer.bytes
    }

    private init(_ scopes: Set<String>, _ body: [UInt8]) {
        prefixes = scopes.map { Array("\($0.asciiLowercased)/".utf8) }
        reader = DocumentReader(body)
        writer = JSONWriter(reservingCapacity: body.count)
    }

    /// Copies the next value; as deep as the reader goes.
    private mutating func value() throws(DocumentFault) {
        switch try reader.kind() {
        case .object:
            try reader.enterObject()
            writer.beginObject()
            while let key = try reader.nextKey() { try member(key) }
            writer.endObject()
        case .array:
            try reader.enterArray()
            writer.beginArray()
            while try reader.nextElement() {
                if try !isPrivateText() { try value() }
            }
            writer.endArray()
        default: writer.raw(reader.bytes[try reader.value()])
        }
    }

    private mutating func member(_ key: JSONText) throws(DocumentFault) {
        guard !namesScope(key) else {
            _ = try reader.value()
            return
        }
        if try isPrivateText() { return }
        writer.rawKey(key, of: reader.bytes)
        try value()
    }

    /// Whether the next value is a text that names a scope; it is passed then.
    private mutating func isPrivateText() throws(DocumentFault) -> Bool {
        var ahead = reader
        guard try ahead.kind() == .string, namesScope(try ahead.string()) else { return false }
        reader = ahead
        return true
    }

    private func namesScope(_ text: JSONText) -> Bool {
        let bytes = PercentEncoding.withoutEscapes(text.decoded(in: reader.bytes))
            .map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        guard bytes.contains(UInt8(ascii: "@")) else { return false }
        return prefixes.contains { prefix in
            bytes.indices.contains { bytes[$0...].starts(with: prefix) }
        }
    }
}
