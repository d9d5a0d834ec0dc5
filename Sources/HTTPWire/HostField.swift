internal import HTTPModel

/// The grammar of Host: a name, an IPv4 address or a bracketed IPv6 address, and maybe a port.
///
/// Narrower than RFC 3986: no percent-encoding, no sub-delimiters, no zone, never empty.
enum HostField {
    static func isValid(_ text: Span<UInt8>) -> Bool {
        guard (1...260).contains(text.count) else { return false }
        var end = 0
        if text[0] == 0x5B {
            end = 1
            while end < text.count, isAddressByte(text[end]) { end += 1 }
            guard end > 1, end < text.count, text[end] == 0x5D else { return false }
            end += 1
        } else {
            while end < text.count, isNameByte(text[end]) { end += 1 }
            guard end > 0 else { return false }
        }
        return end == text.count || isPort(text.extracting(end..<text.count))
    }

    /// A colon and at most five digits; RFC 3986 section 3.2.3 lets the digits be missing.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        guard text[0] == 0x3A, text.count <= 6 else { return false }
        var number = 0
        for index in 1..<text.count {
            guard ByteClasses.isDigit(text[index]) else { return false }
            number = number * 10 + Int(text[index] - 0x30)
        }
        return number <= 65_535
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        PercentEncoding.isUnreserved(byte) && byte != 0x7E
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        PercentEncoding.hexValue(byte) != nil || byte == 0x3A || byte == 0x2E
    }
}
