/// A string, number or literal of a JSON text that has begun: what may come next in it.
///
/// It says for one byte at a time what a scan of a whole token says, so that a text may be cut
/// anywhere.
struct JSONOpenToken: Sendable {
    enum Kind: Sendable {
        /// No token is open.
        case none
        /// Inside a string, between two characters.
        case text
        /// Behind a backslash.
        case escape
        /// Inside `\uXXXX`, before one of the last ``JSONOpenToken/left`` digits.
        case codeUnit
        /// Inside a character of several bytes, before one of the last ``JSONOpenToken/left``.
        case character
        case literal
        /// A number, by what has come of it.
        case minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits
    }

    var kind = Kind.none
    var left: UInt8 = 0
    /// What the next byte of a character may be.
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    /// The bytes of a literal that must follow, the next one lowest.
    var expected: UInt32 = 0
    /// Whether the string, which may have ended, holds backslashes.
    var hasEscapes = false

    init(kind: Kind = .none) { self.kind = kind }

    /// Whether this is a number to which nothing is missing.
    var isCompleteNumber: Bool {
        switch kind {
        case .zero, .integer, .fraction, .exponentDigits: true
        default: false
        }
    }

    /// Begins a number or a literal with its first byte; false when none begins so.
    mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2D: kind = .minus
        case 0x30: kind = .zero
        case 0x31...0x39: kind = .integer
        case UInt8(ascii: "t"): expect(0x65_75_72)
        case UInt8(ascii: "f"): expect(0x65_73_6C_61)
        case UInt8(ascii: "n"): expect(0x6C_6C_75)
        default: return false
        }
        return true
    }

    private mutating func expect(_ rest: UInt32) {
        kind = .literal
        expected = rest
    }

    /// Begins a character of two to four bytes (RFC 3629 section 4: no overlong form, no
    /// surrogate, nothing above U+10FFFF); false when none begins so.
    mutating func beginCharacter(_ byte: UInt8) -> Bool {
        kind = .character
        (low, high) = (0x80, 0xBF)
        switch byte {
        case 0xC2...0xDF: left = 1
        case 0xE0...0xEF:
            left = 2
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            left = 3
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default: return false
        }
        return true
    }

    /// Takes one byte of a literal; false when it does not belong there.
    mutating func takeLiteral(_ byte: UInt8) -> Bool {
        guard expected & 0xFF == UInt32(byte) else { return false }
        expected &>>= 8
        if expected == 0 { kind = .none }
        return true
    }

    /// Takes the byte behind a backslash; false when that is no escape.
    mutating func takeEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case JSONScanner.quote, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: kind = .text
        case UInt8(ascii: "u"): (kind, left) = (.codeUnit, 4)
        default: return false
        }
        return true
    }

    /// Takes one digit of `\uXXXX`; false when it is none.
    mutating func takeCodeUnit(_ byte: UInt8) -> Bool {
        guard byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 else { return false }
        left &-= 1
        if left == 0 { kind = .text }
        return true
    }

    /// Takes one further byte of a character; false when it is none.
    mutating func takeCharacter(_ byte: UInt8) -> Bool {
        guard byte >= low, byte <= high else { return false }
        (low, high) = (0x80, 0xBF)
        left &-= 1
        if left == 0 { kind = .text }
        return true
    }

    /// Takes one byte of a number; false when the number cannot go on with it.
    mutating func takeNumber(_ byte: UInt8) -> Bool {
        let isDigit = byte &- 0x30 < 10
        switch kind {
        case .minus where isDigit: kind = byte == 0x30 ? .zero : .integer
        case .integer where isDigit: break
        case .zero where byte == 0x2E, .integer where byte == 0x2E: kind = .point
        case .point where isDigit: kind = .fraction
        case .fraction where isDigit: break
        case .zero where byte | 0x20 == 0x65, .integer where byte | 0x20 == 0x65,
            .fraction where byte | 0x20 == 0x65:
            kind = .exponent
        case .exponent where byte == 0x2B || byte == 0x2D: kind = .exponentSign
        case .exponent where isDigit, .exponentSign where isDigit: kind = .exponentDigits
        case .exponentDigits where isDigit: break
        default: return false
        }
        return true
    }
}
