/// Text of HTML: entities in, entities out.
enum HTMLText {
    /// The bytes with their character references decoded.
    ///
    /// Numbers and the names that index pages use; anything else stays as it is.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == 0x26, let (bytes, end) = reference(in: text, at: index) {
                result.append(contentsOf: bytes)
                index = end
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    /// Appends `text` with the five characters escaped that mean something in HTML.
    ///
    /// NUL, which HTML does not have, becomes U+FFFD.
    static func append(_ text: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var copied = text.startIndex
        var index = copied
        while index < text.endIndex {
            switch text[index] {
            case 0x22, 0x26, 0x27, 0x3C, 0x3E, 0x00:
                result.append(contentsOf: text[copied..<index])
                result.append(contentsOf: escape(of: text[index]).utf8)
                copied = index + 1
            default: break
            }
            index += 1
        }
        result.append(contentsOf: text[copied...])
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
