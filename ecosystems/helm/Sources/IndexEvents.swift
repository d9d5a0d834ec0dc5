internal import Ecosystems

/// The events of an index, whether it came as YAML or as JSON.
protocol IndexEvents: ~Copyable {
    /// The next event; nil behind the document.
    mutating func next() throws(DocumentFault) -> IndexEvent?
    /// Appends the text of the current scalar, as UTF-8.
    func appendScalar(to bytes: inout [UInt8])
}

/// What stands at one place of an index; the keys of a mapping are scalars before their values.
enum IndexEvent: Sendable, Hashable {
    /// A scalar without quotes, which may mean a number, a Boolean or nothing at all.
    case plain
    /// A scalar that is always a text.
    case quoted
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd

    var isScalar: Bool { self == .plain || self == .quoted }
}
