/// A text with its variables filled in.
///
/// `${NAME}` must be set (it may be empty); `${NAME:-word}` takes `word` when NAME is unset or
/// empty, and `word` may hold variables again; `${NAME:?sentence}` refuses with that sentence when
/// NAME is unset or empty; `$$` is a dollar sign. A value that came from a variable is not looked at
/// again. Expansion happens after parsing, so a value can never add a key or end a text.
package struct Expansion: Equatable, Sendable {
    package let text: String
    /// The variables whose values are in `text`, in order.
    package let variables: [String]

    package enum Failure: Error, Equatable, Sendable {
        case notSet(name: String)
        case required(name: String, sentence: String)
        case loneDollar
        case unclosed
        case badName
        case badOperator(name: String)
        case tooDeep
        case tooLong
    }

    /// The longest result in bytes.
    package static let longest = 1 << 16
    private static let deepest = 16

    package init(
        _ text: String, environment: [String: String]
    ) throws(Failure) {
        var reader = Reader(bytes: Array(text.utf8), environment: environment)
        let expanded = try reader.word(depth: 0)
        self.text = String(decoding: expanded, as: UTF8.self)
        variables = reader.variables
    }

    private struct Reader {
        let bytes: [UInt8]
        let environment: [String: String]
        var index = 0
        var variables: [String] = []

        /// Reads to the end of the text, or at `depth` 1 and more to the brace that closes the word.
        mutating func word(depth: Int) throws(Failure) -> [UInt8] {
            guard depth <= deepest else { throw .tooDeep }
            var result: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: "}"), depth > 0 { break }
                index += 1
                guard byte == UInt8(ascii: "$") else {
                    result.append(byte)
                    continue
                }
                result += try afterDollar(depth: depth)
                guard result.count <= longest else { throw .tooLong }
            }
            return result
        }

        mutating func afterDollar(depth: Int) throws(Failure) -> [UInt8] {
            guard index < bytes.count else { throw .loneDollar }
            index += 1
            switch bytes[index - 1] {
            case UInt8(ascii: "$"): return [UInt8(ascii: "$")]
            case UInt8(ascii: "{"): return try variable(depth: depth)
            default: throw .loneDollar
            }
        }

        mutating func variable(depth: Int) throws(Failure) -> [UInt8] {
            let name = try name()
            guard index < bytes.count else { throw .unclosed }
            if bytes[index] == UInt8(ascii: "}") {
                index += 1
                guard let value = environment[name] else { throw .notSet(name: name) }
                variables.append(name)
                return Array(value.utf8)
            }
            guard bytes[index] == UInt8(ascii: ":"), index + 1 < bytes.count else {
                throw .badOperator(name: name)
            }
            let kind = bytes[index + 1]
            index += 2
            let value = environment[name] ?? ""
            // A word that is not used is passed over: what it would have needed must not be missed.
            let alternative = try value.isEmpty ? word(depth: depth + 1) : skippedWord(depth)
            guard index < bytes.count else { throw .unclosed }
            index += 1
            switch kind {
            case UInt8(ascii: "-"):
                if value.isEmpty { return alternative }
            case UInt8(ascii: "?"):
                if value.isEmpty {
                    let sentence = String(decoding: alternative, as: UTF8.self)
                    throw .required(name: name, sentence: sentence)
                }
            default:
                throw .badOperator(name: name)
            }
            variables.append(name)
            return Array(value.utf8)
        }

        /// Passes over a word that is not needed: only braces and dollar signs count in it.
        mutating func skippedWord(_ depth: Int) throws(Failure) -> [UInt8] {
            var open = 1
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "}"):
                    open -= 1
                    if open == 0 { return [] }
                case UInt8(ascii: "$") where index + 1 < bytes.count:
                    index += 1
                    if bytes[index] == UInt8(ascii: "{") { open += 1 }
                    guard depth + open <= deepest else { throw .tooDeep }
                default: break
                }
                index += 1
            }
            throw .unclosed
        }

        /// A name as POSIX shells have it: letters, digits and `_`, not starting with a digit.
        mutating func name() throws(Failure) -> String {
            let start = index
            while index < bytes.count, isNameByte(bytes[index], at: index - start) {
                index += 1
            }
            guard index > start else { throw .badName }
            return String(decoding: bytes[start..<index], as: UTF8.self)
        }

        func isNameByte(_ byte: UInt8, at offset: Int) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): offset > 0
            default: false
            }
        }
    }
}

extension Expansion.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notSet(let name):
            "the variable \(name) is not set; set it, or write ${\(name):-default}"
        case .required(let name, let sentence):
            sentence.isEmpty
                ? "the variable \(name) must be set"
                : "the variable \(name) must be set: \(sentence)"
        case .loneDollar: "a dollar sign is written $$, a variable ${NAME}"
        case .unclosed: "a variable's closing brace is missing: ${NAME}"
        case .badName:
            "a variable's name has letters, digits and _, and does not start with a digit"
        case .badOperator(let name):
            "after \(name) only } or :- or :? may stand, as in ${\(name):-default}"
        case .tooDeep: "variables are nested too deeply"
        case .tooLong:
            "the text is longer than \(Expansion.longest) bytes with its variables filled in"
        }
    }
}
