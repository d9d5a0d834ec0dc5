internal import Ecosystems

/// An index as YAML in block style, from the JSON that we wrote.
///
/// All texts and keys stay in double quotes, where our JSON strings mean the same, so nothing
/// can turn into a number, a Boolean or an alias.
struct YAMLForm: ~Copyable {
    private var reader: DocumentReader
    private var output: [UInt8] = []

    static func yaml(of json: [UInt8]) throws(DocumentFault) -> [UInt8] {
        var form = YAMLForm(json)
        try form.value(indent: 0, behind: .lineStart)
        try form.reader.finish()
        return form.output
    }

    /// What stands before a value on its line.
    private enum Place {
        case lineStart, key, dash
    }

    private init(_ json: [UInt8]) {
        reader = DocumentReader(json)
        output.reserveCapacity(json.count + json.count / 4)
    }

    // The recursion ends at the depth that the index's limits allow.
    private mutating func value(indent: Int, behind place: Place) throws(DocumentFault) {
        switch try reader.kind() {
        case .object: try mapping(indent: indent, behind: place)
        case .array: try sequence(indent: indent, behind: place)
        case .string, .number, .true, .false, .null:
            if place == .key { output.append(UInt8(ascii: " ")) }
            let range = try reader.value()
            output.append(contentsOf: reader.bytes[range])
            output.append(newline)
        }
    }

    private mutating func mapping(indent: Int, behind place: Place) throws(DocumentFault) {
        try reader.enterObject()
        var isFirst = true
        while let key = try reader.nextKey() {
            startLine(indent: indent, isFirst: isFirst, place)
            isFirst = false
            let quoted = key.range.lowerBound - 1..<key.range.upperBound + 1
            output.append(contentsOf: reader.bytes[quoted])
            output.append(UInt8(ascii: ":"))
            try value(indent: indent + 2, behind: .key)
        }
        if isFirst { output.append(contentsOf: (place == .key ? " {}\n" : "{}\n").utf8) }
    }

    private mutating func sequence(indent: Int, behind place: Place) throws(DocumentFault) {
        try reader.enterArray()
        var isFirst = true
        while try reader.nextElement() {
            startLine(indent: indent, isFirst: isFirst, place)
            isFirst = false
            output.append(contentsOf: "- ".utf8)
            try value(indent: indent + 2, behind: .dash)
        }
        if isFirst { output.append(contentsOf: (place == .key ? " []\n" : "[]\n").utf8) }
    }

    /// The first member goes on behind a dash; behind a key it begins a line.
    private mutating func startLine(indent: Int, isFirst: Bool, _ place: Place) {
        if isFirst, place != .key { return }
        if isFirst { output.append(newline) }
        for _ in 0..<indent { output.append(UInt8(ascii: " ")) }
    }

    private var newline: UInt8 { UInt8(ascii: "\n") }
}
