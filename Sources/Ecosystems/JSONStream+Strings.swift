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
        let index = JSONScanner.endOfPlainText(bytes, from: start)
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
            index = JSONScanner.endOfPlainText(bytes, from: index)
        }
        return index
    }

    /// The offset behind a key that is not wanted; nil when it may be, or cannot be told here.
    @inline(__always)
    static func endOfOtherKey(
        _ bytes: Span<UInt8>, from quote: Int, _ filter: JSONKeyFilter
    ) -> Int? {
        let start = quote &+ 1
        let end = JSONScanner.endOfPlainText(bytes, from: start)
        guard end < bytes.count, bytes[end] == JSONScanner.quote else { return nil }
        let (head, _) = words(of: bytes, start..<end)
        return filter.bits & JSONKeyFilter.bit(of: head) == 0 ? end &+ 1 : nil
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
}
