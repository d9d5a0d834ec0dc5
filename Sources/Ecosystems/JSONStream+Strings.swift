extension JSONStream {
    /// Goes on in the open token until it or the piece ends, and gives the offset behind that.
    mutating func continueToken(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch open.kind {
            case .none: return index
            case .text:
                index = try restOfString(bytes, from: index)
                continue
            case .escape:
                guard open.takeEscape(byte) else { throw .badEscape(at: before + index) }
            case .codeUnit:
                guard open.takeCodeUnit(byte) else { throw .badEscape(at: before + index) }
            case .character:
                guard open.takeCharacter(byte) else { throw .badUTF8(at: before + index) }
            case .literal:
                guard open.takeLiteral(byte) else { throw .unexpectedByte(at: before + index) }
            default:
                guard open.takeNumber(byte) else {
                    guard open.isCompleteNumber else { throw .badNumber(at: before + index) }
                    open.kind = .none
                    return index
                }
            }
            index &+= 1
        }
        return index
    }

    /// Passes the rest of a string, whose opening quote stands somewhere before `start`.
    ///
    /// Gives the offset behind the closing quote, or the piece's end with a token open.
    @inline(__always)
    mutating func restOfString(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        let index = Self.endOfPlainText(bytes, from: start)
        if index < bytes.count, bytes[index] == JSONScanner.quote {
            open.kind = .none
            return index &+ 1
        }
        return try restOfUnusualString(bytes, from: index)
    }

    /// As ``restOfString(_:from:)`` for one with escapes or characters of several bytes.
    @inline(never)
    private mutating func restOfUnusualString(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        var index = start
        open.kind = .text
        while index < bytes.count {
            let byte = bytes[index]
            if byte == JSONScanner.quote {
                open.kind = .none
                return index &+ 1
            }
            guard byte >= 0x20 else { throw .controlByte(at: before + index) }
            if byte == 0x5C {
                open.hasEscapes = true
                open.kind = .escape
            } else {
                guard open.beginCharacter(byte) else { throw .badUTF8(at: before + index) }
            }
            index = try endOfCharacter(bytes, from: index &+ 1)
            guard open.kind == .text else { return index }
            index = Self.endOfPlainText(bytes, from: index)
        }
        return index
    }

    /// Goes on in an escape or a character until it or the piece ends.
    @inline(__always)
    private mutating func endOfCharacter(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        var index = start
        while index < bytes.count, open.kind != .text {
            let byte = bytes[index]
            if open.kind == .character {
                guard open.takeCharacter(byte) else { throw .badUTF8(at: before + index) }
            } else if open.kind == .escape {
                guard open.takeEscape(byte) else { throw .badEscape(at: before + index) }
            } else {
                guard open.takeCodeUnit(byte) else { throw .badEscape(at: before + index) }
            }
            index &+= 1
        }
        return index
    }

    /// The first index at or after `start` that is a quote, a backslash, a control byte or no ASCII.
    @inline(__always)
    private static func endOfPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
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
            guard byte >= 0x20, byte < 0x80, byte != JSONScanner.quote, byte != 0x5C else {
                return index
            }
            index &+= 1
        }
        return index
    }
}
