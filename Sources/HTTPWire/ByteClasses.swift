/// Classes of bytes in heads, as RFC 9110 section 5.6 has them.
enum ByteClasses {
    /// Whether a byte may stand in a token: method, field name.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Whether a byte may stand in a line: no control but tab; bytes above ASCII are opaque.
    static func isText(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

extension Span<UInt8> {
    /// Whether these bytes spell `name` (given in lower case), whatever their case.
    func spells(_ name: String) -> Bool {
        guard count == name.utf8.count else { return false }
        var index = 0
        for byte in name.utf8 {
            guard ByteClasses.lowercased(self[index]) == byte else { return false }
            index += 1
        }
        return true
    }

    /// The part of `range` without spaces and tabs around it.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, ByteClasses.isSpace(self[start]) { start += 1 }
        while end > start, ByteClasses.isSpace(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Whether a comma-separated list has this member (given in lower case).
    func listHolds(_ member: String) -> Bool {
        var start = 0
        for index in 0...count where index == count || self[index] == 0x2C {
            if extracting(trimmed(start..<index)).spells(member) { return true }
            start = index + 1
        }
        return false
    }
}
