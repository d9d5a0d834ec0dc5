/// Reads what uv, poetry, pdm and pip write of TOML 1.0, and refuses the rest by its line.
///
/// Left out are strings of several lines. Numbers and times are kept as they are written.
struct TOMLReader {
    /// Arrays and tables open at once.
    static let depthLimit = 32

    private let bytes: [UInt8]
    private var position = 0
    private(set) var line = 1
    private let root = TOMLTable()

    /// Reads a whole text.
    static func read(_ bytes: [UInt8]) throws(LockFileError) -> LockValue {
        var reader = TOMLReader(bytes)
        return try reader.document()
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func document() throws(LockFileError) -> LockValue {
        var table = root
        while true {
            try skipLines()
            guard let byte else { return root.value }
            if byte == UInt8(ascii: "[") {
                table = try header()
            } else {
                try member(of: table, depth: 0)
            }
            try endLine()
        }
    }

    // MARK: Lines

    private mutating func skipSpaces() {
        while let byte, byte == 0x20 || byte == 0x09 { position += 1 }
    }

    /// Goes over white space, line ends and comments.
    private mutating func skipLines() throws(LockFileError) {
        while true {
            skipSpaces()
            switch byte {
            case 0x0A:
                line += 1
                position += 1
            case 0x0D where position + 1 < bytes.count && bytes[position + 1] == 0x0A:
                position += 1
            case UInt8(ascii: "#"):
                while let byte, byte != 0x0A { position += 1 }
            default: return
            }
        }
    }

    private mutating func endLine() throws(LockFileError) {
        let before = line
        try skipLines()
        guard byte == nil || line > before else { throw .line(line, .rest) }
    }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: expected) else { return false }
        position += 1
        return true
    }

    // MARK: Tables

    private mutating func header() throws(LockFileError) -> TOMLTable {
        position += 1
        let isArray = take("[")
        let path = try path()
        guard take("]"), !isArray || take("]") else { throw .line(line, .header) }
        guard path.count <= Self.depthLimit else { throw .tooDeep(line: line) }
        guard let last = path.last else { throw .line(line, .key) }
        var table = root
        for key in path.dropLast() { table = try descend(into: key, of: table) }
        if isArray {
            guard let new = table.appendTable(last) else { throw .line(line, .notATable) }
            return new
        }
        let new = try descend(into: last, of: table)
        guard !new.isDefined else { throw .line(line, .duplicate) }
        new.isDefined = true
        return new
    }

    private func descend(into key: String, of table: TOMLTable) throws(LockFileError) -> TOMLTable {
        guard let next = table.table(key) else { throw .line(line, .notATable) }
        return next
    }

    private mutating func member(of table: TOMLTable, depth: Int) throws(LockFileError) {
        let path = try path()
        guard take("=") else { throw .line(line, .equals) }
        skipSpaces()
        guard path.count + depth <= Self.depthLimit else { throw .tooDeep(line: line) }
        var table = table
        for key in path.dropLast() { table = try descend(into: key, of: table) }
        let start = line
        let value = try value(depth: depth + path.count)
        guard let last = path.last, table.set(last, value) else { throw .line(start, .duplicate) }
    }

    /// A key, perhaps with dots, and the white space around it.
    private mutating func path() throws(LockFileError) -> [String] {
        var path: [String] = []
        repeat {
            skipSpaces()
            path.append(try key())
            skipSpaces()
        } while take(".")
        return path
    }

    private mutating func key() throws(LockFileError) -> String {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return try string() }
        let start = position
        while let byte, Self.isBare(byte) { position += 1 }
        guard position > start else { throw .line(line, .key) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(LockFileError) -> LockValue {
        guard depth <= Self.depthLimit else { throw .tooDeep(line: line) }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string())
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "{"): return try inlineTable(depth: depth + 1)
        default: return try plain()
        }
    }

    private mutating func array(depth: Int) throws(LockFileError) -> LockValue {
        position += 1
        var elements: [LockValue] = []
        while true {
            try skipLines()
            if take("]") { return .array(elements) }
            elements.append(try value(depth: depth))
            try skipLines()
            if take(",") { continue }
            guard byte == UInt8(ascii: "]") else { throw .line(line, .array) }
        }
    }

    private mutating func inlineTable(depth: Int) throws(LockFileError) -> LockValue {
        position += 1
        let table = TOMLTable()
        skipSpaces()
        if take("}") { return table.value }
        while true {
            try member(of: table, depth: depth)
            skipSpaces()
            if take("}") { return table.value }
            guard take(",") else { throw .line(line, .inlineTable) }
        }
    }

    /// A number, a time, true or false.
    private mutating func plain() throws(LockFileError) -> LockValue {
        let start = position
        while let byte, Self.isBare(byte) || [0x2B, 0x2E, 0x3A].contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // A time may have a space between its date and its hour.
        if text.utf8.count == 10, text.utf8.filter({ $0 == 0x2D }).count == 2, byte == 0x20,
            position + 1 < bytes.count, (0x30...0x39).contains(bytes[position + 1])
        {
            position += 1
            guard case .plain(let hour) = try plain() else { throw .line(line, .value) }
            return .plain("\(text)T\(hour)")
        }
        let isNumber = text.utf8.first.map {
            (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D
        }
        guard isNumber == true || ["true", "false", "inf", "nan"].contains(text) else {
            throw .line(line, .value)
        }
        return .plain(text)
    }

    /// A string of one line, whose first byte is its quote.
    private mutating func string() throws(LockFileError) -> String {
        let quote = bytes[position]
        if bytes[position...].starts(with: [quote, quote, quote]) {
            throw .line(line, .multilineString)
        }
        position += 1
        var result: [UInt8] = []
        while let byte, byte != quote {
            guard byte >= 0x20 || byte == 0x09 else { throw .line(line, .string) }
            position += 1
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try appendEscape(to: &result)
            } else {
                result.append(byte)
            }
        }
        guard byte == quote else { throw .line(line, .string) }
        position += 1
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func appendEscape(to result: inout [UInt8]) throws(LockFileError) {
        guard let byte else { throw .line(line, .string) }
        position += 1
        switch byte {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(byte)
        case UInt8(ascii: "u"): try appendScalar(digitCount: 4, to: &result)
        case UInt8(ascii: "U"): try appendScalar(digitCount: 8, to: &result)
        default: throw .line(line, .string)
        }
    }

    private mutating func appendScalar(
        digitCount: Int, to result: inout [UInt8]
    ) throws(LockFileError) {
        let digits = bytes[position...].prefix(digitCount)
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == digitCount, !text.hasPrefix("+"), !text.hasPrefix("-"),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw .line(line, .string) }
        position += digitCount
        result.append(contentsOf: String(scalar).utf8)
    }
}
