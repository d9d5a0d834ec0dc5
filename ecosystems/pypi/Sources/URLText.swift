internal import Ecosystems
internal import HTTPModel

/// URLs as people write them into pages.
enum URLText {
    /// A reference with its surrounding white space gone and with what no URL may hold escaped.
    ///
    /// As browsers do it (WHATWG URL, basic URL parser): old pages hold raw spaces and letters.
    static func cleaned(_ text: ArraySlice<UInt8>) -> String {
        var trimmed = text
        while let first = trimmed.first, first <= 0x20 { trimmed = trimmed.dropFirst() }
        while let last = trimmed.last, last <= 0x20 { trimmed = trimmed.dropLast() }
        var result: [UInt8] = []
        result.reserveCapacity(trimmed.count)
        for byte in trimmed {
            switch byte {
            case 0x09, 0x0A, 0x0D: continue
            case 0...0x20, 0x22, 0x3C, 0x3E, 0x5C, 0x60, 0x7B, 0x7D, 0x7F...:
                let text = PercentEncoding.encodedSegment(byte)
                result.append(contentsOf: text)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the last segment of a reference's path stands, still encoded.
    static func lastSegment(_ text: Span<UInt8>) -> Range<Int> {
        let fragment = ByteSearch.first(UInt8(ascii: "#"), in: text, from: 0) ?? text.count
        let path = text.extracting(0..<fragment)
        let end = ByteSearch.first(UInt8(ascii: "?"), in: path, from: 0) ?? fragment
        var start = end
        while start > 0, text[start - 1] != UInt8(ascii: "/") { start -= 1 }
        return start..<end
    }

    /// Whether a text is an http or https URL, as far as its beginning tells.
    static func isAbsolute(_ text: Span<UInt8>) -> Bool {
        ShortText(0..<min(8, text.count), of: text) == https
            || ShortText(0..<min(7, text.count), of: text) == http
    }

    private static let https = ShortText("https://")
    private static let http = ShortText("http://")
}

extension PercentEncoding {
    /// One byte as `%XX`.
    fileprivate static func encodedSegment(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
}
