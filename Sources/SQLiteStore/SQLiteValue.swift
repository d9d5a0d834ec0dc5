/// A value bound to a parameter of a statement.
enum SQLiteValue: Sendable {
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    case null

    init(_ integer: Int64?) {
        self = integer.map(SQLiteValue.integer) ?? .null
    }

    init(_ text: String?) {
        self = text.map(SQLiteValue.text) ?? .null
    }
}
