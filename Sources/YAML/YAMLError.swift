/// Why a YAML text was refused, and where.
///
/// The description carries a place and fixed text (ours, or libyaml's own constant sentences), and
/// never a piece of the text that was read: a configuration may hold secrets.
package struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case textTooLarge(limitBytes: Int)
        case tooManyEvents(limit: Int)
        case tooDeep(limit: Int)
        case stretchTooLong(limitBytes: Int)
        case alias
        case anchor
        case tag
        case secondDocument
        case duplicateKey(firstLine: Int)
        case keyNotScalar
        case syntax(String)
        case outOfMemory
    }

    package let reason: Reason
    package let position: YAMLPosition

    package init(_ reason: Reason, at position: YAMLPosition) {
        self.reason = reason
        self.position = position
    }

    package var description: String { "\(position): \(sentence)" }

    /// The reason without the place, as one clause that starts in lower case.
    package var sentence: String {
        switch reason {
        case .textTooLarge(let limit): "the text is longer than \(limit) bytes"
        case .tooManyEvents(let limit): "the text has more than \(limit) elements"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .stretchTooLong(let limit): "one element is longer than \(limit) bytes"
        case .alias: "an alias (*name) is not allowed here; write the value again"
        case .anchor: "an anchor (&name) is not allowed here"
        case .tag: "a tag (!name) is not allowed here"
        case .secondDocument: "a second document (---) is not allowed here"
        case .duplicateKey(let line): "this key stands already on line \(line)"
        case .keyNotScalar: "a key must be a plain or quoted text"
        case .syntax(let problem): "not valid YAML: \(problem)"
        case .outOfMemory: "out of memory"
        }
    }
}

/// A place in a text: line and column, both counted from 1; the column counts characters.
package struct YAMLPosition: Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column)" }
}
