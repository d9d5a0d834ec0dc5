import Policy
import Testing

/// What is wrong in a policy file refuses all of it, with its line.
@Suite struct PolicyFileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let fault: String
        var testDescription: String { fault }
    }

    static let rows: [Row] = [
        .init(text: "blocks: []", fault: "policy.yaml:1: the key \"blocks\" is not known"),
        .init(
            text: "block:\n  - package: npm:a\n    version: 1\n    reason: x",
            fault: "policy.yaml:3: the key \"version\" is not known"),
        .init(text: "block: [{package: \"npm:a\"}]", fault: "needs a reason"),
        .init(text: "block: [{reason: x}]", fault: "needs a package"),
        .init(
            text: "block: [{package: \"npm:a\", versions: \"1.2.3.4\", reason: x}]",
            fault: "no range of npm"),
        .init(
            text: "block: [{package: \"pypi:a\", versions: \"^1.0\", reason: x}]",
            fault: "no range of pypi"),
        .init(text: "block: [{package: \"cargo:a\", reason: x}]", fault: "is no package"),
        .init(text: "block: [{package: \"npm:a*b\", reason: x}]", fault: "is no package"),
        .init(text: "minimum_age: {npm: 7 days}", fault: "must be a duration"),
        .init(text: "minimum_age: {helm: 7d}", fault: "publishers choose the dates"),
        .init(text: "exceptions: [{package: \"npm:*\"}]", fault: "needs an end"),
        .init(
            text: "exceptions: [{package: \"npm:a\", until: 2026-02-30}]", fault: "must be a date"),
        .init(text: "exceptions: [{package: \"npm:a\", lifts: all}]", fault: "must be age, block"),
        .init(text: "block: {}", fault: "must be a list"),
        .init(text: "[", fault: "policy.yaml: "),
    ]

    @Test("a file with a fault is refused whole", arguments: rows)
    func fault(_ row: Row) {
        #expect {
            _ = try Sample.rules(row.text)
        } throws: { error in
            "\(error)".contains(row.fault)
        }
    }

    @Test("an empty file is no rules")
    func empty() throws {
        #expect(try Sample.rules("# nothing yet\n").isEmpty)
    }

    @Test(
        "durations",
        arguments: [
            ("7d", 604_800), ("36h", 129_600), ("0", 0), ("2w", 1_209_600), ("7", nil),
            ("-1d", nil),
            ("9999999999d", nil), ("d", nil), ("", nil),
        ] as [(String, Int64?)])
    func duration(_ text: String, _ seconds: Int64?) {
        #expect(PolicyTime.duration(text) == seconds)
    }
}
