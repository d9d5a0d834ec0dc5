/// Reads one JSON text piece by piece, checking all of it and building nothing.
///
/// The caller walks the levels that it knows and takes ranges of the rest, so that values can be
/// copied byte for byte. Every byte that the reader has passed was checked: grammar, UTF-8 and
/// escapes of strings, numbers, depth. After the outermost value, call ``finish()``.
///
/// A caller that does not take the value of a key gets a fault from its next call. Duplicate keys
/// are the caller's to refuse, with ``JSONKeySet``. Source: RFC 8259.
package struct JSONReader: Sendable {
    /// The most arrays and objects that may be open at once.
    package static let depthLimit = 64

    /// What a value is, told by its first byte.
    package enum Kind: Sendable, Hashable {
        case object, array, string, number, `true`, `false`, null
    }

    package let bytes: [UInt8]
    /// The offset of the next byte to read.
    package private(set) var position: Int
    private var depth = 0
    // A bit for each open container, by depth: whether it has given a member already.
    private var begun: UInt64 = 0

    /// Starts at `position`: a value inside a checked text may be read anew.
    package init(_ bytes: [UInt8], at position: Int = 0) {
        precondition((0...bytes.count).contains(position))
        self.bytes = bytes
        self.position = position
    }

    /// The kind of the next value, which stays unread.
    package mutating func kind() throws(JSONFault) -> Kind {
        guard let kind = Self.kind(of: try firstByte()) else {
            throw .unexpectedByte(at: position)
        }
        return kind
    }

    @inline(__always)
    private static func kind(of firstByte: UInt8) -> Kind? {
        switch firstByte {
        case JSONScanner.openBrace: .object
        case JSONScanner.openBracket: .array
        case JSONScanner.quote: .string
        case 0x2D, 0x30...0x39: .number
        case UInt8(ascii: "t"): .true
        case UInt8(ascii: "f"): .false
        case UInt8(ascii: "n"): .null
        default: nil
        }
    }

    /// Checks the next value whole and gives its bytes, quotes and brackets included.
    ///
    /// - Complexity: One pass over the value, without recursion and without allocating.
    package mutating func value() throws(JSONFault) -> Range<Int> {
        let start = JSONScanner.skipWhitespace(bytes.span, position)
        position = try JSONScanner.endOfValue(
            bytes.span, from: start, room: Self.depthLimit - depth)
        return start..<position
    }

    /// The next value, which must be a string.
    package mutating func string() throws(JSONFault) -> JSONText {
        guard try firstByte() == JSONScanner.quote else { throw .unexpectedByte(at: position) }
        let start = position + 1
        let end = try JSONScanner.endOfString(bytes.span, from: start)
        position = end.index + 1
        return JSONText(range: start..<end.index, hasEscapes: end.hasEscapes)
    }

    /// Enters the next value, which must be an object; ``nextKey()`` gives its members.
    package mutating func enterObject() throws(JSONFault) {
        try enter(JSONScanner.openBrace)
    }

    /// Enters the next value, which must be an array; ``nextElement()`` steps through it.
    package mutating func enterArray() throws(JSONFault) {
        try enter(JSONScanner.openBracket)
    }

    /// The key of the object's next member, whose value is the next value; nil behind the object.
    package mutating func nextKey() throws(JSONFault) -> JSONText? {
        guard try step(closing: JSONScanner.closeBrace) else { return nil }
        let key = try string()
        position = try JSONScanner.startOfMemberValue(bytes.span, behindKey: position)
        return key
    }

    /// The object's next member with its value, unless that is an object or an array; nil behind the
    /// object.
    ///
    /// For objects with many small members: one call instead of three.
    package mutating func nextMember() throws(JSONFault) -> JSONMember? {
        guard let key = try nextKey() else { return nil }
        let start = position
        guard start < bytes.count else { throw .unexpectedEnd }
        guard let kind = Self.kind(of: bytes[start]) else { throw .unexpectedByte(at: start) }
        switch kind {
        case .object, .array:
            return JSONMember(key: key, kind: kind, value: start..<start, hasEscapes: false)
        case .string:
            let end = try JSONScanner.endOfString(bytes.span, from: start &+ 1)
            position = end.index &+ 1
            return JSONMember(
                key: key, kind: kind, value: start &+ 1..<end.index, hasEscapes: end.hasEscapes)
        case .number, .true, .false, .null:
            position = try JSONScanner.endOfScalar(bytes.span, from: start)
            return JSONMember(key: key, kind: kind, value: start..<position, hasEscapes: false)
        }
    }

    /// Whether the array has another element, which is the next value; false behind the array.
    package mutating func nextElement() throws(JSONFault) -> Bool {
        try step(closing: JSONScanner.closeBracket)
    }

    /// Checks that nothing but white space follows.
    package mutating func finish() throws(JSONFault) {
        position = JSONScanner.skipWhitespace(bytes.span, position)
        guard position == bytes.count else { throw .unexpectedByte(at: position) }
    }

    private mutating func firstByte() throws(JSONFault) -> UInt8 {
        position = JSONScanner.skipWhitespace(bytes.span, position)
        guard position < bytes.count else { throw .unexpectedEnd }
        return bytes[position]
    }

    private mutating func enter(_ bracket: UInt8) throws(JSONFault) {
        guard try firstByte() == bracket else { throw .unexpectedByte(at: position) }
        guard depth < Self.depthLimit else { throw .tooDeep(at: position) }
        position += 1
        begun &= ~(1 << UInt64(depth))
        depth += 1
    }

    /// Goes to the next member of the innermost container, or leaves it.
    private mutating func step(closing bracket: UInt8) throws(JSONFault) -> Bool {
        precondition(depth > 0, "no container is open")
        let bit: UInt64 = 1 << UInt64(depth - 1)
        let byte = try firstByte()
        if byte == bracket {
            position += 1
            depth -= 1
            return false
        }
        guard begun & bit != 0 else {
            begun |= bit
            return true
        }
        guard byte == JSONScanner.comma else { throw .unexpectedByte(at: position) }
        position += 1
        guard try firstByte() != bracket else { throw .unexpectedByte(at: position) }
        return true
    }
}
