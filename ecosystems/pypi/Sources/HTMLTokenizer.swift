internal import Ecosystems

/// Finds the start tags of a page, as tolerantly as browsers do.
///
/// Comments, declarations, end tags and the insides of script, style, title and textarea are passed
/// over. It never fails: what cannot be a tag is text. It makes no tree. Source: HTML Living
/// Standard, "Tokenization".
struct HTMLTokenizer {
    /// An attribute of a start tag; ranges are of ``bytes``.
    struct Attribute {
        let name: Range<Int>
        /// Without quotes, entities not decoded; empty for an attribute without a value.
        let value: Range<Int>
    }

    /// More attributes than any tag of an index has; further ones are passed over.
    static let attributeLimit = 64

    let bytes: [UInt8]
    private(set) var position = 0
    /// Of the tag that ``nextTag()`` gave last.
    private(set) var attributes: [Attribute] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The name of the next start tag, or nil at the end.
    mutating func nextTag() -> Range<Int>? {
        while let open = ByteSearch.first(UInt8(ascii: "<"), in: bytes.span, from: position) {
            guard open + 1 < bytes.count else { break }
            switch bytes[open + 1] {
            case UInt8(ascii: "!") where isComment(at: open): skipComment(at: open)
            case UInt8(ascii: "!"), UInt8(ascii: "/"), UInt8(ascii: "?"): skip(past: 0x3E, open)
            case 0x41...0x5A, 0x61...0x7A:
                guard let name = readTag(at: open + 1) else { break }
                skipRawText(of: name)
                return name
            default: position = open + 1
            }
        }
        position = bytes.count
        return nil
    }

    /// The text from here to the next tag, which ``nextTag()`` finds then.
    mutating func text() -> Range<Int> {
        let start = position
        position = ByteSearch.first(UInt8(ascii: "<"), in: bytes.span, from: start) ?? bytes.count
        return start..<position
    }

    /// Whether a tag or an attribute has this name, given in lower case.
    func isName(_ range: Range<Int>, _ name: String) -> Bool {
        guard range.count == name.utf8.count else { return false }
        var index = range.lowerBound
        for byte in name.utf8 {
            guard Self.lowercased(bytes[index]) == byte else { return false }
            index += 1
        }
        return true
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private func isComment(at open: Int) -> Bool {
        open + 3 < bytes.count && bytes[open + 2] == 0x2D && bytes[open + 3] == 0x2D
    }

    private mutating func skipComment(at open: Int) {
        // `<!-->` and `<!--->` are whole comments, so the end may share the hyphens of the start.
        var index = open + 4
        while let end = ByteSearch.first(0x3E, in: bytes.span, from: index) {
            if bytes[end - 1] == 0x2D, bytes[end - 2] == 0x2D {
                position = end + 1
                return
            }
            index = end + 1
        }
        position = bytes.count
    }

    private mutating func skip(past byte: UInt8, _ start: Int) {
        position = ByteSearch.first(byte, in: bytes.span, from: start).map { $0 + 1 } ?? bytes.count
    }

    /// Reads a start tag whose name begins at `start`; nil when the page ends inside it.
    private mutating func readTag(at start: Int) -> Range<Int>? {
        attributes.removeAll(keepingCapacity: true)
        var index = start
        while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
        let name = start..<index
        while true {
            while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == 0x2F {
                index += 1
            }
            guard index < bytes.count else {
                position = bytes.count
                return nil
            }
            if bytes[index] == 0x3E {
                position = index + 1
                return name
            }
            index = readAttribute(at: index)
        }
    }

    /// Reads an attribute and gives the index behind it.
    private mutating func readAttribute(at start: Int) -> Int {
        var index = start + 1
        while index < bytes.count, !Self.endsName(bytes[index]), bytes[index] != 0x3D { index += 1 }
        let name = start..<index
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        var value = name.upperBound..<name.upperBound
        if index < bytes.count, bytes[index] == 0x3D {
            index += 1
            while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
            (value, index) = attributeValue(at: index)
        }
        if attributes.count < Self.attributeLimit {
            attributes.append(Attribute(name: name, value: value))
        }
        return index
    }

    private func attributeValue(at start: Int) -> (value: Range<Int>, end: Int) {
        guard start < bytes.count else { return (start..<start, start) }
        let quote = bytes[start]
        if quote == 0x22 || quote == 0x27 {
            let end = ByteSearch.first(quote, in: bytes.span, from: start + 1) ?? bytes.count
            return (start + 1..<end, min(end + 1, bytes.count))
        }
        var index = start
        while index < bytes.count, !Self.isSpace(bytes[index]), bytes[index] != 0x3E { index += 1 }
        return (start..<index, index)
    }

    /// Passes over the content of an element whose content is no markup.
    private mutating func skipRawText(of name: Range<Int>) {
        guard ["script", "style", "title", "textarea"].contains(where: { isName(name, $0) }) else {
            return
        }
        var index = position
        while let open = ByteSearch.first(0x3C, in: bytes.span, from: index) {
            let end = open + 2 + name.count
            guard end <= bytes.count else { break }
            let isEnd = zip(bytes[open + 2..<end], bytes[name]).allSatisfy {
                Self.lowercased($0) == Self.lowercased($1)
            }
            if bytes[open + 1] == 0x2F, isEnd {
                position = open
                return
            }
            index = open + 1
        }
        position = bytes.count
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == 0x2F || byte == 0x3E
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B
    }
}
