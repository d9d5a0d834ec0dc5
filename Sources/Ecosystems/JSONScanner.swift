/// The grammar of JSON over bytes: where a value ends, or why it is none (RFC 8259).
///
/// Pure functions over a span; none recurses, allocates or calls a closure.
enum JSONScanner {
    /// Where a string ends: the index of its closing quote.
    struct StringEnd {
        let index: Int
        let hasEscapes: Bool
    }

    @inline(__always)
    static func skipWhitespace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        // Most texts have none, or a single space.
        if start < bytes.count, bytes[start] > 0x20 { return start }
        return endOfWhitespace(bytes, start)
    }

    private static func endOfWhitespace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
            default: return index
            }
        }
        return index
    }

    /// Checks the value that begins at `start` and gives the index behind it.
    ///
    /// At most `room` levels may be opened in it.
    static func endOfValue(
        _ bytes: Span<UInt8>, from start: Int, room: Int
    ) throws(JSONFault) -> Int {
        var index = start
        // A bit for each open container, the innermost lowest: 1 for an object.
        var objects: UInt64 = 0
        var depth = 0
        while true {
            guard index < bytes.count else { throw .unexpectedEnd }
            let byte = bytes[index]
            if byte == openBrace || byte == openBracket {
                guard depth < room else { throw .tooDeep(at: index) }
                let isObject = byte == openBrace
                objects = objects &<< 1 | (isObject ? 1 : 0)
                depth &+= 1
                index = skipWhitespace(bytes, index &+ 1)
                guard index < bytes.count else { throw .unexpectedEnd }
                if bytes[index] != (isObject ? closeBrace : closeBracket) {
                    if isObject { index = try startOfMember(bytes, from: index) }
                    continue
                }
            } else {
                index = try endOfScalar(bytes, from: index)
            }
            // A value has ended: close containers until another value must follow.
            var isAtValue = false
            while depth > 0, !isAtValue {
                index = skipWhitespace(bytes, index)
                guard index < bytes.count else { throw .unexpectedEnd }
                let isObject = objects & 1 == 1
                switch bytes[index] {
                case comma:
                    index = skipWhitespace(bytes, index &+ 1)
                    if isObject { index = try startOfMember(bytes, from: index) }
                    isAtValue = true
                case closeBrace where isObject, closeBracket where !isObject:
                    objects &>>= 1
                    depth &-= 1
                    index &+= 1
                default:
                    throw .unexpectedByte(at: index)
                }
            }
            guard isAtValue else { return index }
        }
    }

    /// Checks a key and its colon, and gives the start of the value.
    private static func startOfMember(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        guard start < bytes.count else { throw .unexpectedEnd }
        guard bytes[start] == quote else { throw .unexpectedByte(at: start) }
        let key = try endOfString(bytes, from: start &+ 1)
        return try startOfMemberValue(bytes, behindKey: key.index &+ 1)
    }

    static func startOfMemberValue(
        _ bytes: Span<UInt8>, behindKey start: Int
    ) throws(JSONFault) -> Int {
        let index = skipWhitespace(bytes, start)
        guard index < bytes.count else { throw .unexpectedEnd }
        guard bytes[index] == colon else { throw .unexpectedByte(at: index) }
        return skipWhitespace(bytes, index &+ 1)
    }

    /// Checks a value that is neither an object nor an array.
    static func endOfScalar(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        switch bytes[start] {
        case quote: try endOfString(bytes, from: start &+ 1).index &+ 1
        case 0x2D, 0x30...0x39: try endOfNumber(bytes, from: start)
        case UInt8(ascii: "t"): try endOfLiteral(0x6575_7274, count: 4, bytes, from: start)
        case UInt8(ascii: "f"): try endOfLiteral(0x65_736C_6166, count: 5, bytes, from: start)
        case UInt8(ascii: "n"): try endOfLiteral(0x6C6C_756E, count: 4, bytes, from: start)
        default: throw .unexpectedByte(at: start)
        }
    }

    /// Checks `true`, `false` or `null`, given as their bytes, the first one lowest.
    private static func endOfLiteral(
        _ literal: UInt64, count: Int, _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        for offset in 0..<count {
            let index = start &+ offset
            guard index < bytes.count else { throw .unexpectedEnd }
            let expected = UInt8(truncatingIfNeeded: literal &>> UInt64(8 &* offset))
            guard bytes[index] == expected else { throw .unexpectedByte(at: index) }
        }
        return start &+ count
    }

    private static func endOfNumber(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        var index = start
        if bytes[index] == 0x2D { index &+= 1 }
        let whole = try endOfDigits(bytes, from: index, of: start)
        guard bytes[index] != 0x30 || whole == index &+ 1 else { throw .badNumber(at: start) }
        index = whole
        if index < bytes.count, bytes[index] == 0x2E {
            index = try endOfDigits(bytes, from: index &+ 1, of: start)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index &+= 1 }
            index = try endOfDigits(bytes, from: index, of: start)
        }
        return index
    }

    private static func endOfDigits(
        _ bytes: Span<UInt8>, from start: Int, of number: Int
    ) throws(JSONFault) -> Int {
        var index = start
        while index < bytes.count, bytes[index] &- 0x30 <= 9 { index &+= 1 }
        guard index > start else {
            throw index < bytes.count ? .badNumber(at: number) : .unexpectedEnd
        }
        return index
    }

    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
}
