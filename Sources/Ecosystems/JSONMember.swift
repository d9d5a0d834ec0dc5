/// A member of an object as ``JSONReader/nextMember()`` gives it.
package struct JSONMember: Sendable {
    package let key: JSONText
    package let kind: JSONReader.Kind
    /// Of a string its body; nothing of an object or an array, which the reader stands before.
    package let value: Range<Int>
    /// Whether a string's body holds backslashes.
    package let hasEscapes: Bool

    init(key: JSONText, kind: JSONReader.Kind, value: Range<Int>, hasEscapes: Bool) {
        self.key = key
        self.kind = kind
        self.value = value
        self.hasEscapes = hasEscapes
    }

    /// The value of a string.
    package var text: JSONText { JSONText(range: value, hasEscapes: hasEscapes) }
}
