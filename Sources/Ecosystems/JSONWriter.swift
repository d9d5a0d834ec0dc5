/// Writes JSON: text with its escapes, and members with their commas.
///
/// It writes what it is told, in that order, without white space; nesting is the caller's.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    // Whether the next key or element needs a comma before it.
    private var needsComma = false

    package init(reservingCapacity count: Int = 0) {
        bytes.reserveCapacity(count)
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a key of ASCII letters and hyphens, which needs no escape.
    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(JSONScanner.quote)
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(JSONScanner.quote)
        bytes.append(JSONScanner.colon)
        needsComma = false
    }

    /// Writes a key that is JSON already, with its quotes.
    package mutating func rawKey(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(copying: json.span)
        bytes.append(JSONScanner.colon)
    }

    /// Writes a key as it stands in the text that it was read from.
    package mutating func rawKey(_ key: JSONText, of text: [UInt8]) {
        rawKey(text[key.range.lowerBound - 1..<key.range.upperBound + 1])
    }

    /// Writes a value that is JSON already.
    package mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(copying: json.span)
        needsComma = true
    }

    package mutating func string(_ text: ArraySlice<UInt8>) {
        separate()
        bytes.append(JSONScanner.quote)
        Self.append(text.span, to: &bytes)
        bytes.append(JSONScanner.quote)
        needsComma = true
    }

    /// Appends the body of a string: `text` with what must be escaped, runs of the rest at once.
    package static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        var copied = 0
        while true {
            let found = JSONScanner.endOfUnescaped(text, from: copied)
            bytes.append(copying: text.extracting(copied..<found))
            guard found < text.count else { return }
            appendEscape(of: text[found], to: &bytes)
            copied = found + 1
        }
    }

    package mutating func string(_ text: String) { string(Array(text.utf8)[...]) }

    package mutating func integer(_ value: Int) { raw(Array(String(value).utf8)[...]) }

    package mutating func bool(_ value: Bool) {
        raw(Array((value ? "true" : "false").utf8)[...])
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(JSONScanner.comma) }
        needsComma = false
    }

    /// Escapes one of the bytes that must be (RFC 8259 section 7).
    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(0x5C)
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 0xF)])
        }
    }
}
