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

    /// The name of the next start tag in lower case, or nil at the end.
    ///
    /// A name that is longer than any that we know is given as an empty one.
    mutating func nextTag() -> ShortText? {
        while let open = ByteSearch.first(UInt8(ascii: "<"), in: bytes.span, from: position) {
            guard open + 1 < bytes.count else { break }
            switch bytes[open + 1] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"): skip(past: 0x3E, open)
            case UInt8(ascii: "!"):
                if isComment(at: open) { skipComment(at: open) } else { skip(past: 0x3E, open) }
            case 0x41...0x5A, 0x61...0x7A:
                guard let range = readTag(at: open + 1) else { break }
                let name = name(range)
                if rawTextTags.contains(name) { skipRawText(of: range) }
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

    /// The name of a tag or an attribute in lower case; an empty one for one that is too long.
    func name(_ range: Range<Int>) -> ShortText {
        ShortText(range, of: bytes.span)?.lowercased ?? Self.noName
    }

    /// The value of the tag's first attribute with this name, entities not decoded.
    func value(of name: ShortText) -> Range<Int>? {
        for index in attributes.indices where self.name(attributes[index].name) == name {
            return attributes[index].value
        }
        return nil
    }

    private static let noName = ShortText("")
    private let rawTextTags = [
        ShortText("script"), ShortText("style"), ShortText("title"), ShortText("textarea"),
    ]

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
        let nameEnd = Self.endOfName(bytes.span, from: start, ByteSet.tagNameEnds)
        var index = nameEnd
        while true {
            index = Self.skipGaps(bytes.span, from: index)
            guard index < bytes.count else {
                position = bytes.count
                return nil
            }
            if bytes[index] == 0x3E {
                position = index + 1
                return start..<nameEnd
            }
            let (attribute, end) = Self.attribute(bytes.span, at: index)
            if attributes.count < Self.attributeLimit { attributes.append(attribute) }
            index = end
        }
    }

    /// The attribute that begins at `start`, and the index behind it.
    private static func attribute(_ bytes: Span<UInt8>, at start: Int) -> (Attribute, end: Int) {
        // An equals sign is the name's when it comes first.
        let nameEnd = endOfName(bytes, from: start &+ 1, ByteSet.attributeNameEnds)
        var index = skipSpace(bytes, from: nameEnd)
        guard index < bytes.count, bytes[index] == 0x3D else {
            return (Attribute(name: start..<nameEnd, value: nameEnd..<nameEnd), index)
        }
        index = skipSpace(bytes, from: index &+ 1)
        let (value, end) = attributeValue(bytes, at: index)
        return (Attribute(name: start..<nameEnd, value: value), end)
    }

    private static func attributeValue(
        _ bytes: Span<UInt8>, at start: Int
    ) -> (value: Range<Int>, end: Int) {
        guard start < bytes.count else { return (start..<start, start) }
        let quote = bytes[start]
        if quote == 0x22 || quote == 0x27 {
            guard let end = ByteSearch.first(quote, in: bytes, from: start &+ 1) else {
                return (start &+ 1..<bytes.count, bytes.count)
            }
            return (start &+ 1..<end, end &+ 1)
        }
        var index = start
        while index < bytes.count, !isSpace(bytes[index]), bytes[index] != 0x3E { index &+= 1 }
        return (start..<index, index)
    }

    private static func endOfName(
        _ bytes: Span<UInt8>, from start: Int, _ ends: ByteSet
    ) -> Int {
        var index = start
        while index < bytes.count, !ends.contains(bytes[index]) { index &+= 1 }
        return index
    }

    private static func skipSpace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, isSpace(bytes[index]) { index &+= 1 }
        return index
    }

    /// Skips what separates attributes: white space and slashes.
    private static func skipGaps(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, isSpace(bytes[index]) || bytes[index] == 0x2F { index &+= 1 }
        return index
    }

    /// Passes over the content of an element whose content is no markup.
    private mutating func skipRawText(of name: Range<Int>) {
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

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B
    }
}
