import Configuration
import Testing

@Suite struct ExpansionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: String
        var variables: [String] = []
        var testDescription: String { text }
    }

    static let environment = [
        "A": "1", "B": "two words", "EMPTY": "", "DOLLAR": "${A}", "BRACE": "}", "Z_9": "z",
    ]

    static let rows: [Row] = [
        Row(text: "", expected: ""),
        Row(text: "plain {text} }", expected: "plain {text} }"),
        Row(text: "${A}", expected: "1", variables: ["A"]),
        Row(text: "<${A}|${B}>", expected: "<1|two words>", variables: ["A", "B"]),
        Row(text: "${Z_9}", expected: "z", variables: ["Z_9"]),
        Row(text: "${EMPTY}", expected: "", variables: ["EMPTY"]),
        Row(text: "${EMPTY:-d}", expected: "d"),
        Row(text: "${NONE:-d}", expected: "d"),
        Row(text: "${NONE:-}", expected: ""),
        Row(text: "${A:-d}", expected: "1", variables: ["A"]),
        Row(text: "${A:?m}", expected: "1", variables: ["A"]),
        Row(text: "${NONE:-${A}}", expected: "1", variables: ["A"]),
        Row(text: "${NONE:-${EMPTY:-${B}}/x}", expected: "two words/x", variables: ["B"]),
        Row(text: "${A:-${NONE}}", expected: "1", variables: ["A"]),
        Row(text: "${A:-${NONE:?no}}!", expected: "1!", variables: ["A"]),
        Row(text: "${A:-$$}x}", expected: "1x}", variables: ["A"]),
        Row(text: "${NONE:-$$}", expected: "$"),
        Row(text: "$${A}", expected: "${A}"),
        Row(text: "$$$$", expected: "$$"),
        Row(text: "${DOLLAR}", expected: "${A}", variables: ["DOLLAR"]),
        Row(text: "${NONE:-${BRACE}x}", expected: "}x", variables: ["BRACE"]),
        Row(text: "ä${A}ö", expected: "ä1ö", variables: ["A"]),
    ]

    @Test("variables, defaults, nesting, dollar signs", arguments: rows)
    func expansion(_ row: Row) throws {
        let expansion = try Expansion(row.text, environment: Self.environment)
        #expect(expansion.text == row.expected)
        #expect(expansion.variables == row.variables)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let text: String
        let failure: Expansion.Failure
        var testDescription: String { text }
    }

    static let refusals: [Refusal] = [
        Refusal(text: "${NONE}", failure: .notSet(name: "NONE")),
        Refusal(text: "${NONE:-${GONE}}", failure: .notSet(name: "GONE")),
        Refusal(text: "${NONE:?set it}", failure: .required(name: "NONE", sentence: "set it")),
        Refusal(
            text: "${EMPTY:?is ${A}}", failure: .required(name: "EMPTY", sentence: "is 1")),
        Refusal(text: "$A", failure: .loneDollar),
        Refusal(text: "a$", failure: .loneDollar),
        Refusal(text: "${A", failure: .unclosed),
        Refusal(text: "${A:-b", failure: .unclosed),
        Refusal(text: "${NONE:-b", failure: .unclosed),
        Refusal(text: "${NONE:-${A}", failure: .unclosed),
        Refusal(text: "${}", failure: .badName),
        Refusal(text: "${9A}", failure: .badName),
        Refusal(text: "${Ä}", failure: .badName),
        Refusal(text: "${A-b}", failure: .badOperator(name: "A")),
        Refusal(text: "${A:+b}", failure: .badOperator(name: "A")),
        Refusal(text: "${A B}", failure: .badOperator(name: "A")),
    ]

    @Test("what is not of these forms is refused", arguments: refusals)
    func refusal(_ row: Refusal) {
        #expect(throws: row.failure) {
            try Expansion(row.text, environment: Self.environment)
        }
    }

    @Test("depth and length are limited", arguments: ["", "1"])
    func limits(_ value: String) {
        let deep = String(repeating: "${X:-", count: 40) + String(repeating: "}", count: 40)
        #expect(throws: Expansion.Failure.tooDeep) {
            try Expansion(deep, environment: ["X": value])
        }
        let long = String(repeating: "x", count: Expansion.longest)
        #expect(throws: Expansion.Failure.tooLong) {
            try Expansion("y${X}", environment: ["X": long])
        }
    }
}
