/// A value bound to a parameter of a statement, in PostgreSQL's binary form.
///
/// Whatever an upstream or a client named is `bytes`: its type `bytea` takes any of them, whatever
/// the database's encoding, and compares them as bytes.
enum PostgresValue: Sendable {
    case integer(Int64?)
    case bytes([UInt8]?)
    /// Of a closed vocabulary of ours, in ASCII.
    case word(String)
    case integers([Int64?])
    case byteStrings([[UInt8]?])

    static func text(_ text: String) -> PostgresValue { .bytes(Array(text.utf8)) }
    static func text(_ text: String?) -> PostgresValue { .bytes(text.map { Array($0.utf8) }) }
    static func texts(_ texts: [String?]) -> PostgresValue {
        .byteStrings(texts.map { $0.map { Array($0.utf8) } })
    }

    /// The type's number in every PostgreSQL (pg_type.dat).
    var typeNumber: UInt32 {
        switch self {
        case .integer: Self.int8
        case .bytes: Self.bytea
        case .word: 25
        case .integers: 1016
        case .byteStrings: 1001
        }
    }

    /// What the server's `recv` function of the type reads; nil is NULL.
    var encoded: [UInt8]? {
        switch self {
        case .integer(let integer): integer.map(Self.bigEndian)
        case .bytes(let bytes): bytes
        case .word(let word): Array(word.utf8)
        case .integers(let integers):
            Self.array(of: integers.map { $0.map(Self.bigEndian) }, type: Self.int8)
        case .byteStrings(let strings): Self.array(of: strings, type: Self.bytea)
        }
    }

    private static let int8: UInt32 = 20
    private static let bytea: UInt32 = 17

    private static func bigEndian(_ integer: some FixedWidthInteger) -> [UInt8] {
        (0..<integer.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: integer >> ($0 * 8)) }
    }

    /// As array_recv reads it: dimensions, whether there are NULLs, element type, then length and
    /// first index of the one dimension, then each element after its length.
    private static func array(of elements: [[UInt8]?], type: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        let hasNull: Int32 = elements.contains { $0 == nil } ? 1 : 0
        let dimensions: Int32 = elements.isEmpty ? 0 : 1
        bytes += bigEndian(dimensions) + bigEndian(hasNull) + bigEndian(type)
        if elements.isEmpty { return bytes }
        bytes += bigEndian(Int32(elements.count)) + bigEndian(Int32(1))
        for element in elements {
            bytes += bigEndian(Int32(element?.count ?? -1))
            bytes += element ?? []
        }
        return bytes
    }
}

/// One command and its parameters.
struct PostgresStatement: Sendable {
    let sql: String
    let values: [PostgresValue]

    init(_ sql: String, _ values: [PostgresValue] = []) {
        self.sql = sql
        self.values = values
    }
}
