/// A string of a JSON text: where its body stands, and whether it must be decoded to be read.
package struct JSONText: Sendable, Hashable {
    /// The bytes between the quotes.
    package let range: Range<Int>
    /// Whether the body holds backslashes; without one it is its own value.
    package let hasEscapes: Bool

    package init(range: Range<Int>, hasEscapes: Bool) {
        self.range = range
        self.hasEscapes = hasEscapes
    }

    /// Whether the string's value is `text`, which is ASCII.
    package func equals(_ text: String, in bytes: [UInt8]) -> Bool {
        if hasEscapes { return decoded(in: bytes).elementsEqual(text.utf8) }
        guard text.utf8.count == range.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            guard bytes[index] == byte else { return false }
            index &+= 1
        }
        return true
    }

    /// The string's value as UTF-8.
    ///
    /// - Precondition: `bytes` are those that the reader checked.
    package func decoded(in bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        append(to: &result, from: bytes)
        return result
    }

    package func string(in bytes: [UInt8]) -> String {
        hasEscapes
            ? String(decoding: decoded(in: bytes), as: UTF8.self)
            : String(decoding: bytes[range], as: UTF8.self)
    }

    /// Appends the string's value as UTF-8; a lone surrogate becomes U+FFFD.
    package func append(to result: inout [UInt8], from bytes: [UInt8]) {
        guard hasEscapes else {
            result.append(contentsOf: bytes[range])
            return
        }
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == 0x5C else {
                result.append(bytes[index])
                index += 1
                continue
            }
            index = Self.appendEscape(at: index, of: bytes, to: &result)
        }
    }

    private static func appendEscape(
        at start: Int, of bytes: [UInt8], to result: inout [UInt8]
    ) -> Int {
        switch bytes[start + 1] {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): return appendCodePoint(at: start, of: bytes, to: &result)
        case let byte: result.append(byte)
        }
        return start + 2
    }

    private static func appendCodePoint(
        at start: Int, of bytes: [UInt8], to result: inout [UInt8]
    ) -> Int {
        let span = bytes.span
        guard let unit = try? JSONScanner.codeUnit(span, at: start) else {
            preconditionFailure("a string that the reader did not check")
        }
        if UTF16.isLeadSurrogate(unit), start + 12 <= bytes.count, bytes[start + 6] == 0x5C,
            bytes[start + 7] == UInt8(ascii: "u"),
            let next = try? JSONScanner.codeUnit(span, at: start + 6), UTF16.isTrailSurrogate(next)
        {
            let value = 0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(next) & 0x3FF
            append(Unicode.Scalar(value), to: &result)
            return start + 12
        }
        append(Unicode.Scalar(unit), to: &result)
        return start + 6
    }

    private static func append(_ scalar: Unicode.Scalar?, to result: inout [UInt8]) {
        result.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? .init())
    }
}
