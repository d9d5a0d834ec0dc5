import CacheRules
import Testing

@Suite struct RegressionRuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let held: DocumentMarks
        let new: DocumentMarks
        var regression: Regression?
    }

    private static func count(_ old: Int?, _ new: Int?, _ regression: Regression? = nil) -> Row {
        Row(
            testDescription:
                "\(old.map(String.init) ?? "none") to \(new.map(String.init) ?? "none")",
            held: DocumentMarks(entryCount: old), new: DocumentMarks(entryCount: new),
            regression: regression)
    }

    static let rows: [Row] = [
        count(nil, 0), count(0, 0), count(1, 1), count(2, 1), count(100, 50), count(100, 1_000),
        count(5, nil), count(.max, .max),
        count(1, 0, .shrunk), count(3, 1, .shrunk), count(100, 49, .shrunk),
        count(.max, 0, .shrunk),
        Row(
            testDescription: "a lower serial", held: .init(serial: 5), new: .init(serial: 4),
            regression: .older),
        Row(testDescription: "the same serial", held: .init(serial: 5), new: .init(serial: 5)),
        Row(testDescription: "a higher serial", held: .init(serial: 5), new: .init(serial: 6)),
        Row(
            testDescription: "no serial any more", held: .init(serial: 5), new: .init(entryCount: 1)
        ),
        Row(testDescription: "a first serial", held: .init(entryCount: 1), new: .init(serial: 1)),
        Row(
            testDescription: "an earlier time", held: .init(modifiedAt: 5),
            new: .init(modifiedAt: 4), regression: .older),
        Row(
            testDescription: "the same time", held: .init(modifiedAt: 5), new: .init(modifiedAt: 5)),
        Row(testDescription: "a later time", held: .init(modifiedAt: 5), new: .init(modifiedAt: 6)),
        Row(
            testDescription: "a higher serial beats an earlier time",
            held: .init(serial: 5, modifiedAt: 5), new: .init(serial: 6, modifiedAt: 4)),
        Row(
            testDescription: "a lower serial beats a later time",
            held: .init(serial: 5, modifiedAt: 5), new: .init(serial: 4, modifiedAt: 6),
            regression: .older),
        Row(
            testDescription: "newer and short", held: .init(entryCount: 9, serial: 5),
            new: .init(entryCount: 1, serial: 6), regression: .shrunk),
        Row(
            testDescription: "older and short is older", held: .init(entryCount: 9, serial: 5),
            new: .init(entryCount: 1, serial: 4), regression: .older),
        Row(
            testDescription: "a takedown that is empty and older",
            held: .init(entryCount: 9, serial: 5, modifiedAt: 5),
            new: .init(entryCount: 0, serial: 4, modifiedAt: 4, isTakedown: true)),
        Row(
            testDescription: "the end of a takedown",
            held: .init(entryCount: 0, serial: 5, isTakedown: true),
            new: .init(entryCount: 9, serial: 6)),
        Row(
            testDescription: "an old version after a takedown",
            held: .init(entryCount: 0, serial: 5, isTakedown: true),
            new: .init(entryCount: 9, serial: 4), regression: .older),
        Row(testDescription: "nothing is known", held: .init(), new: .init()),
    ]

    @Test(
        "what goes back or loses more than half is held back, unless it is a takedown",
        arguments: rows)
    func verdict(_ row: Row) {
        let expected = row.regression.map { RegressionRule.Verdict.holdBack($0) } ?? .take
        #expect(RegressionRule.verdict(held: row.held, new: row.new) == expected)
    }
}
