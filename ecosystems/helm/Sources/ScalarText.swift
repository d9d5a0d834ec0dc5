/// Scalars as they are written into the served index: JSON that YAML 1.1 parsers read as well.
///
/// Never `\/`, never an escaped surrogate, no control characters in raw: go-yaml refuses all three.
enum ScalarText {
    static let quote = UInt8(ascii: "\"")

    /// Ends a string whose unescaped text is the tail of `output` from `start` on.
    static func close(_ output: inout [UInt8], from start: Int) {
        if let first = firstToEscape(output.span, from: start) {
            let tail = Array(output[first...])
            output.removeLast(tail.count)
            escape(tail, into: &output)
        }
        output.append(quote)
    }

    /// Whether a scalar without quotes is what YAML calls null.
    static func isNull(_ text: ArraySlice<UInt8>) -> Bool {
        switch text.count {
        case 0: true
        case 1: text.first == UInt8(ascii: "~")
        case 4:
            text.elementsEqual("null".utf8) || text.elementsEqual("Null".utf8)
                || text.elementsEqual("NULL".utf8)
        default: false
        }
    }

    /// The Boolean that a scalar without quotes is (YAML 1.1, as go-yaml reads it); else nil.
    static func flag(_ text: ArraySlice<UInt8>) -> Bool? {
        guard (2...5).contains(text.count) else { return nil }
        switch String(decoding: text, as: UTF8.self) {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return false
        default: return nil
        }
    }

    /// Whether a scalar is a number in JSON's grammar (RFC 8259 section 6).
    static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard let first = rest.first, isDigit(first) else { return false }
        let whole = rest.prefix(while: isDigit)
        guard first != UInt8(ascii: "0") || whole.count == 1 else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
            rest = rest.dropFirst()
        }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The first byte that begins a character to be escaped.
    private static func firstToEscape(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
            if byte >= 0x7F, codeToEscape(bytes, at: index) != nil { return index }
            index &+= 1
        }
        return nil
    }

    /// The code point at `index` when it has to be written as `\uXXXX`.
    ///
    /// Below U+0020, U+007F to U+009F, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF: outside YAML's
    /// printable characters, or a line end there (YAML 1.1 section 5.1).
    private static func codeToEscape(_ bytes: Span<UInt8>, at index: Int) -> UInt16? {
        switch bytes[index] {
        case 0..<0x20, 0x7F: return UInt16(bytes[index])
        case 0xC2:
            guard index + 1 < bytes.count, bytes[index + 1] < 0xA0 else { return nil }
            return UInt16(bytes[index + 1])
        case 0xE2, 0xEF:
            guard index + 2 < bytes.count else { return nil }
            let code =
                UInt16(bytes[index] & 0x0F) << 12 | UInt16(bytes[index + 1] & 0x3F) << 6
                | UInt16(bytes[index + 2] & 0x3F)
            switch code {
            case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: return code
            default: return nil
            }
        default: return nil
        }
    }

    private static func escape(_ text: [UInt8], into output: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case 0x22, 0x5C: output += [0x5C, byte]
            case 0x0A: output += [0x5C, UInt8(ascii: "n")]
            case 0x0D: output += [0x5C, UInt8(ascii: "r")]
            case 0x09: output += [0x5C, UInt8(ascii: "t")]
            default:
                guard let code = codeToEscape(text.span, at: index) else {
                    output.append(byte)
                    break
                }
                output += [0x5C, UInt8(ascii: "u")]
                for shift in [12, 8, 4, 0] { output.append(digits[Int(code >> shift & 0xF)]) }
                index += byte < 0x80 ? 0 : byte == 0xC2 ? 1 : 2
            }
            index += 1
        }
    }
}
