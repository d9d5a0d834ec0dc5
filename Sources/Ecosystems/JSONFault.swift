/// Why bytes are no JSON text (RFC 8259), with the offset of the byte that shows it.
package enum JSONFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// A byte that the grammar does not allow here.
    case unexpectedByte(at: Int)
    /// The text ends inside a value.
    case unexpectedEnd
    /// A control byte inside a string; they must be escaped.
    case controlByte(at: Int)
    case badEscape(at: Int)
    case badNumber(at: Int)
    /// A string that is not UTF-8.
    case badUTF8(at: Int)
    /// More open arrays and objects than ``JSONReader/depthLimit``.
    case tooDeep(at: Int)
    /// A key or a string that is longer than ``JSONStream/textLimit``.
    case tooLong(at: Int)

    package var description: String {
        switch self {
        case .unexpectedByte(let offset): "an unexpected byte at offset \(offset)"
        case .unexpectedEnd: "the text ends inside a value"
        case .controlByte(let offset): "a control byte inside a string at offset \(offset)"
        case .badEscape(let offset): "a wrong escape at offset \(offset)"
        case .badNumber(let offset): "a malformed number at offset \(offset)"
        case .badUTF8(let offset): "a string that is not UTF-8 at offset \(offset)"
        case .tooDeep(let offset): "too many levels at offset \(offset)"
        case .tooLong(let offset): "a key or string that is too long at offset \(offset)"
        }
    }
}
