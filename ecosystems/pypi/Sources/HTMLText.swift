internal import Ecosystems

/// Text of HTML: entities in, entities out.
enum HTMLText {
    /// Appends `text` with its character references decoded.
    ///
    /// Numbers and the names that index pages use; anything else stays as it is.
    static func appendDecoded(_ text: ArraySlice<UInt8>, to result: inout [UInt8]) {
        let base = text.startIndex
        var copied = base
        var index = base
        while let found = ByteSearch.first(0x26, in: text.span, from: index - base) {
            index = base + found
            guard let (bytes, end) = reference(in: text, at: index) else {
                index += 1
                continue
            }
            result.append(contentsOf: text[copied..<index])
            result.append(contentsOf: bytes)
            (copied, index) = (end, end)
        }
        result.append(contentsOf: text[copied...])
    }

    /// Appends `text` with the five characters escaped that mean something in HTML.
    ///
    /// NUL, which HTML does not have, becomes U+FFFD. Runs without any of them are copied at once.
    static func append(_ text: Span<UInt8>, to result: inout [UInt8]) {
        var copied = 0
        while true {
            let found = endOfPlain(text, from: copied)
            result.append(copying: text.extracting(copied..<found))
            guard found < text.count else { return }
            result.append(contentsOf: escape(of: text[found]).utf8)
            copied = found + 1
        }
    }

    /// The first index at or after `start` of a byte that must be escaped.
    private static func endOfPlain(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= bytes.count {
            let word = ByteWord.load(bytes, at: index)
            // `&` and `'` differ in the lowest bit, `<` and `>` in the one above it.
            let found =
                ByteWord.zeros(in: (word | ByteWord.ones) ^ 0x2727_2727_2727_2727)
                | ByteWord.zeros(in: (word | 0x0202_0202_0202_0202) ^ 0x3E3E_3E3E_3E3E_3E3E)
                | ByteWord.zeros(in: word ^ 0x2222_2222_2222_2222) | ByteWord.zeros(in: word)
            // Each is exact in its lowest bit, so their union is as well.
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < bytes.count, !ByteSet.htmlSpecial.contains(bytes[index]) { index &+= 1 }
        return index
    }

    private static func escape(of byte: UInt8) -> String {
        switch byte {
        case 0x22: "&quot;"
        case 0x26: "&amp;"
        case 0x27: "&#x27;"
        case 0x3C: "&lt;"
        case 0x3E: "&gt;"
        default: "\u{FFFD}"
        }
    }

    /// The longest reference that is looked at, semicolon included.
    private static let referenceLimit = 12

    private static func reference(
        in text: ArraySlice<UInt8>, at start: Int
    ) -> (bytes: [UInt8], end: Int)? {
        let candidates = text[(start + 1)...].prefix(referenceLimit)
        guard let semicolon = candidates.firstIndex(of: 0x3B), semicolon > start + 1 else {
            return nil
        }
        let name = String(decoding: text[(start + 1)..<semicolon], as: UTF8.self)
        guard let scalar = scalar(named: name) else { return nil }
        return (Array(String(Character(scalar)).utf8), semicolon + 1)
    }

    private static func scalar(named name: String) -> Unicode.Scalar? {
        switch name {
        case "amp", "AMP": return "&"
        case "lt", "LT": return "<"
        case "gt", "GT": return ">"
        case "quot", "QUOT": return "\""
        case "apos": return "'"
        case "nbsp": return "\u{A0}"
        default: break
        }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        let number = isHex ? digits.dropFirst() : digits
        // Int's reader takes a sign.
        guard let first = number.utf8.first, first != 0x2B, first != 0x2D,
            let value = UInt32(number, radix: isHex ? 16 : 10)
        else { return nil }
        return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
