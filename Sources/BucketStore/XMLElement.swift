/// One element of a service's XML answer: its children, or its text.
///
/// Reads what S3 and STS send and nothing more: elements, text, the five named entities and numeric
/// ones. A document type, a comment within, CDATA and processing instructions but the declaration
/// are refused, and so is anything past the limits. Attributes are read over; names lose their
/// prefix.
package struct XMLElement: Sendable, Hashable {
    package let name: String
    package private(set) var children: [XMLElement] = []
    package private(set) var text = ""

    /// What an answer may hold at most.
    static let byteLimit = 4 << 20
    static let depthLimit = 8
    static let elementLimit = 20_000

    fileprivate init(name: String) {
        self.name = name
    }

    /// Reads a whole answer; nil when it is not of this form or exceeds a limit.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.byteLimit else { return nil }
        var reader = XMLReader(bytes)
        guard let root = reader.document() else { return nil }
        self = root
    }

    /// The first child of a name.
    package subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    fileprivate mutating func append(_ child: XMLElement) { children.append(child) }
    fileprivate mutating func setText(_ text: String) { self.text = text }
}

/// One pass over the bytes, without recursion.
private struct XMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var elementCount = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() -> XMLElement? {
        if starts(with: [0xEF, 0xBB, 0xBF]) { position += 3 }
        skipSpace()
        if starts(with: Array("<?xml".utf8)) {
            guard let end = find(Array("?>".utf8)) else { return nil }
            position = end + 2
        }
        skipSpace()
        guard let root = elements() else { return nil }
        skipSpace()
        return position == bytes.count ? root : nil
    }

    /// The root with all that is in it.
    private mutating func elements() -> XMLElement? {
        var open: [(element: XMLElement, text: [UInt8])] = []
        repeat {
            guard position < bytes.count else { return nil }
            if bytes[position] != UInt8(ascii: "<") {
                guard !open.isEmpty, let text = characters() else { return nil }
                open[open.count - 1].text += text
                continue
            }
            if peek(1) == UInt8(ascii: "/") {
                guard let name = endTag(), let last = open.popLast(), last.element.name == name,
                    let closed = finished(last)
                else { return nil }
                guard !open.isEmpty else { return closed }
                open[open.count - 1].element.append(closed)
                continue
            }
            guard open.count < XMLElement.depthLimit, let (name, isEmpty) = startTag() else {
                return nil
            }
            let element = XMLElement(name: name)
            if !isEmpty {
                open.append((element, []))
            } else if open.isEmpty {
                return element
            } else {
                open[open.count - 1].element.append(element)
            }
        } while true
    }

    private func finished(_ open: (element: XMLElement, text: [UInt8])) -> XMLElement? {
        guard open.element.children.isEmpty else { return open.element }
        guard let text = String(validating: open.text, as: UTF8.self) else { return nil }
        var element = open.element
        element.setText(text)
        return element
    }

    private mutating func startTag() -> (name: String, isEmpty: Bool)? {
        elementCount += 1
        guard elementCount <= XMLElement.elementLimit else { return nil }
        position += 1
        guard let name = name() else { return nil }
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: ">"):
                return (name, bytes[position - 2] == UInt8(ascii: "/"))
            case UInt8(ascii: "<"): return nil
            default: break
            }
        }
        return nil
    }

    private mutating func endTag() -> String? {
        position += 2
        guard let name = name() else { return nil }
        skipSpace()
        guard peek(0) == UInt8(ascii: ">") else { return nil }
        position += 1
        return name
    }

    /// A name without its prefix.
    private mutating func name() -> String? {
        let start = position
        while position < bytes.count, Self.isNamePart(bytes[position]) { position += 1 }
        let name = bytes[start..<position]
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        guard !local.isEmpty, local.count <= 64 else { return nil }
        return String(decoding: local, as: UTF8.self)
    }

    /// Text up to the next tag, with its entities read.
    private mutating func characters() -> [UInt8]? {
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            guard bytes[position] == UInt8(ascii: "&") else {
                text.append(bytes[position])
                position += 1
                continue
            }
            guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let character = Self.entity(bytes[(position + 1)..<end])
            else { return nil }
            text += Array(String(character).utf8)
            position = end + 1
        }
        return text
    }

    private static func entity(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let text = String(decoding: name, as: UTF8.self)
        switch text {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard text.hasPrefix("#") else { return nil }
            let digits = text.dropFirst()
            let number =
                digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x2D, 0x2E: true
        default: false
        }
    }

    private mutating func skipSpace() {
        while let byte = peek(0), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private func peek(_ distance: Int) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private func starts(with text: [UInt8]) -> Bool { bytes[position...].starts(with: text) }

    private func find(_ text: [UInt8]) -> Int? {
        bytes[position...].firstRange(of: text)?.lowerBound
    }
}
