extension JSONScanner {
    /// Checks the rest of a string whose opening quote stands before `start`.
    ///
    /// A lone surrogate escape (`\ud800`) passes: the grammar allows it, registries hold such
    /// strings, and a copy byte for byte does no harm (RFC 8259 section 8.2).
    static func endOfString(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> StringEnd {
        var index = start
        var hasEscapes = false
        while true {
            index = endOfPlainText(bytes, from: index)
            guard index < bytes.count else { throw .unexpectedEnd }
            switch bytes[index] {
            case quote:
                return StringEnd(index: index, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index = try endOfEscape(bytes, from: index)
            case 0x80...:
                index = try endOfCharacter(bytes, from: index)
            default:
                throw .controlByte(at: index)
            }
        }
    }

    /// The first index at or after `start` that is a quote, a backslash, a control byte or no ASCII.
    @inline(__always)
    static func endOfPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= bytes.count {
            let word = ByteSearch.word(bytes, at: index)
            let quotes = ByteSearch.zeros(in: word ^ 0x2222_2222_2222_2222)
            let backslashes = ByteSearch.zeros(in: word ^ 0x5C5C_5C5C_5C5C_5C5C)
            let controls = (word &- 0x2020_2020_2020_2020) & ~word & ByteSearch.tops
            let found = quotes | backslashes | controls | (word & ByteSearch.tops)
            // Each of the four is exact in its lowest bit, so their union is as well.
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            guard byte >= 0x20, byte < 0x80, byte != quote, byte != 0x5C else { return index }
            index &+= 1
        }
        return index
    }

    /// The first index at or after `start` that is a quote, a backslash or a control byte.
    static func endOfUnescaped(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = endOfPlainText(bytes, from: start)
        while index < bytes.count, bytes[index] >= 0x80 {
            index = endOfPlainText(bytes, from: index &+ 1)
        }
        return index
    }

    private static func endOfEscape(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        guard start &+ 1 < bytes.count else { throw .unexpectedEnd }
        switch bytes[start &+ 1] {
        case quote, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            return start &+ 2
        case UInt8(ascii: "u"):
            _ = try codeUnit(bytes, at: start)
            return start &+ 6
        default:
            throw .badEscape(at: start)
        }
    }

    /// The UTF-16 code unit of the `\uXXXX` that begins at `start`.
    static func codeUnit(_ bytes: Span<UInt8>, at start: Int) throws(JSONFault) -> UInt16 {
        guard start &+ 6 <= bytes.count else { throw .unexpectedEnd }
        var unit: UInt16 = 0
        for index in start &+ 2..<start &+ 6 {
            let value: UInt8
            switch bytes[index] {
            case 0x30...0x39: value = bytes[index] - 0x30
            case 0x41...0x46: value = bytes[index] - 0x41 + 10
            case 0x61...0x66: value = bytes[index] - 0x61 + 10
            default: throw .badEscape(at: start)
            }
            unit = unit &<< 4 | UInt16(value)
        }
        return unit
    }

    /// Checks one character of two to four bytes (RFC 3629 section 4: no overlong form, no
    /// surrogate, nothing above U+10FFFF).
    private static func endOfCharacter(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[start] {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: count = 4
        default: throw .badUTF8(at: start)
        }
        guard start &+ count <= bytes.count else { throw .unexpectedEnd }
        guard second.contains(bytes[start &+ 1]) else { throw .badUTF8(at: start) }
        for index in start &+ 2..<max(start &+ count, start &+ 2) {
            guard bytes[index] & 0xC0 == 0x80 else { throw .badUTF8(at: start) }
        }
        return start &+ count
    }
}
