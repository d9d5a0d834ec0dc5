import Policy
import Testing

/// The policy's decision table: rules and a release in, a verdict out.
@Suite struct RulingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var policy: String
        var package = "pypi:demo"
        var version: String? = "1.5"
        var published: String? = "2020-01-01"
        var held: String?
        /// Nil for allowed.
        var rule: PolicyRefusal.Rule?
        /// When that changes.
        var until: String?
    }

    private static let now = "2026-11-23T12:00:00Z"
    private static let blocks = """
        block: [{package: "pypi:demo", versions: ">=1.2,<2", reason: broken}]
        """

    static let rows: [Row] = [
        .init(testDescription: "no rule", policy: "{}"),
        .init(testDescription: "old enough", policy: "minimum_age: {pypi: 7d}"),
        .init(
            testDescription: "a second too young", policy: "minimum_age: {pypi: 7d}",
            published: "2026-11-16T12:00:01Z", rule: .tooYoung, until: "2026-11-23T12:00:01Z"),
        .init(
            testDescription: "just old enough", policy: "minimum_age: {pypi: 7d}",
            published: "2026-11-16T12:00:00Z"),
        .init(
            testDescription: "no date", policy: "minimum_age: {pypi: 7d}", published: nil,
            rule: .undated),
        .init(
            testDescription: "no date, and here for longer", policy: "minimum_age: {pypi: 7d}",
            published: nil, held: "2026-11-01"),
        .init(
            testDescription: "no date, and here for less", policy: "minimum_age: {pypi: 7d}",
            published: nil, held: "2026-11-20", rule: .tooYoung, until: "2026-11-27"),
        .init(
            testDescription: "in the future", policy: "minimum_age: {pypi: 7d}",
            published: "2026-11-24", rule: .undated, until: "2026-11-23T13:00:00Z"),
        .init(
            testDescription: "the registry's clock is a little ahead",
            policy: "minimum_age: {pypi: 7d}", published: "2026-11-23T12:05:00Z", rule: .tooYoung,
            until: "2026-11-30T12:05:00Z"),
        .init(
            testDescription: "1970", policy: "minimum_age: {pypi: 7d}", published: "1970-01-01",
            rule: .undated),
        .init(
            testDescription: "another ecosystem's age", policy: "minimum_age: {npm: 7d}",
            published: "2026-11-23"),
        .init(
            testDescription: "the package's own age wins",
            policy: "minimum_age: {pypi: 7d, \"pypi:demo\": 0, \"pypi:de*\": 30d}",
            published: "2026-11-23"),
        .init(
            testDescription: "the longer beginning wins",
            policy: "minimum_age: {\"pypi:d*\": 0, \"pypi:dem*\": 30d}", published: "2026-11-20",
            rule: .tooYoung, until: "2026-12-20"),
        .init(testDescription: "blocked", policy: blocks, rule: .blocked),
        .init(testDescription: "another version", policy: blocks, version: "1.1"),
        .init(
            testDescription: "a prerelease in the range", policy: blocks, version: "1.2.1rc1",
            rule: .blocked),
        .init(
            testDescription: "a version that nobody knows", policy: blocks, version: nil,
            rule: .blocked),
        .init(
            testDescription: "a version that is none", policy: blocks, version: "1.5-final-2",
            rule: .blocked),
        .init(
            testDescription: "a chart's version that is none",
            policy: "block: [{package: \"helm:demo\", versions: \"<1\", reason: x}]",
            package: "helm:demo", version: "2.5.1.0", rule: .blocked),
        .init(
            testDescription: "a version that is none is on no list of what is allowed",
            policy: "allow: [{package: \"npm:demo\", versions: \">0.0.0\"}]", package: "npm:demo",
            version: "1.5", rule: .notAllowed),
        .init(
            testDescription: "a version that is none has no exception from a block",
            policy: blocks
                + "\nexceptions: [{package: \"pypi:demo\", versions: \">0\", lifts: block}]",
            version: "1.5-final-2", rule: .blocked),
        .init(testDescription: "another package", policy: blocks, package: "pypi:other"),
        .init(testDescription: "the same name elsewhere", policy: blocks, package: "npm:demo"),
        .init(
            testDescription: "allowed", policy: "allow: [\"pypi:dem*\"]"),
        .init(
            testDescription: "not on the list", policy: "allow: [\"pypi:other\"]",
            rule: .notAllowed),
        .init(
            testDescription: "another version than the listed", allowing: "<1"),
        .init(
            testDescription: "another ecosystem's list", policy: "allow: [\"npm:other\"]"),
        .init(
            testDescription: "blocked although allowed",
            policy: blocks + "\nallow: [\"pypi:demo\"]", rule: .blocked),
        .init(
            testDescription: "an exception from the age",
            policy: "minimum_age: {pypi: 7d}\n"
                + "exceptions: [{package: \"pypi:demo\", versions: \"==1.5\", until: 2026-12-31}]",
            published: "2026-11-22", until: "2026-12-31T23:59:59Z"),
        .init(
            testDescription: "an exception that has ended",
            policy: "minimum_age: {pypi: 7d}\n"
                + "exceptions: [{package: \"pypi:demo\", until: 2026-11-22}]",
            published: "2026-11-22", rule: .tooYoung, until: "2026-11-29"),
        .init(
            testDescription: "an exception from the age lifts no block",
            policy: blocks + "\nexceptions: [{package: \"pypi:demo\"}]", rule: .blocked),
        .init(
            testDescription: "an exception from a block",
            policy: blocks + "\nexceptions: [{package: \"pypi:demo\", lifts: block}]"),
        .init(
            testDescription: "an exception for what has no version is none",
            policy: "minimum_age: {pypi: 7d}\n"
                + "exceptions: [{package: \"pypi:demo\", versions: \"<9\"}]",
            version: nil, published: nil, rule: .undated),
        .init(
            testDescription: "charts have no date", policy: "minimum_age: {pypi: 7d}",
            package: "helm:demo", published: nil),
    ]

    @Test("rules and a release make a verdict", arguments: rows)
    func ruling(_ row: Row) throws {
        let book = try Sample.book(row.policy)
        let parts = row.package.split(separator: ":").map(String.init)
        let rules = book.rules(for: parts[1], of: parts[0])
        let release = KnownRelease(
            version: row.version, publishedAt: row.published.map(Sample.date),
            heldSince: row.held.map(Sample.date))
        let ruling = rules?.ruling(on: release, at: Sample.date(Self.now)) ?? .allowed
        #expect(ruling.verdict.refusal?.rule == row.rule)
        #expect(ruling.changesAt == row.until.map(Sample.date))
    }

    @Test("nothing after a date: that day is inside")
    func nothingAfter() throws {
        var rules = PolicyRules()
        rules.nothingAfter = PolicyTime.date("2026-01-31", isEnd: true)
        let book = PolicyBook(schemes: Sample.schemes, rules: rules)
        func rule(_ date: String) -> PolicyRefusal.Rule? {
            let release = KnownRelease(version: "1", publishedAt: Sample.date(date))
            return book.rules(for: "demo", of: "npm")?
                .ruling(on: release, at: Sample.date(Self.now)).verdict.refusal?.rule
        }
        #expect(rule("2026-01-31T23:59:59Z") == nil)
        #expect(rule("2026-02-01T00:00:00Z") == .tooLate)
    }

    @Test("renderings of a package have another key exactly when its rules change")
    func tags() throws {
        let book = try Sample.book("block: [{package: \"npm:bad\", reason: x}]")
        let before = book.rules(for: "bad", of: "npm")?.tag
        #expect(before != nil)
        #expect(book.rules(for: "good", of: "npm") == nil)
        book.adopt(
            try Sample.rules(
                "block: [{package: \"npm:bad\", reason: x}, {package: \"npm:worse\", reason: y}]"))
        #expect(book.rules(for: "bad", of: "npm")?.tag == before)
        book.adopt(try Sample.rules("block: [{package: \"npm:bad\", reason: z}]"))
        #expect(book.rules(for: "bad", of: "npm")?.tag != before)
    }

    @Test("an index of many packages has another key exactly when rules of its ecosystem change")
    func ecosystemTags() throws {
        let block = "{package: \"helm:bad\", reason: x}"
        let book = try Sample.book("block: [\(block)]")
        let before = book.edition.tag(ofAll: "helm")
        #expect(before != nil)
        #expect(book.edition.tag(ofAll: "npm") == nil)
        let others = "minimum_age: {npm: 7d, \"*\": 1d}\nallow: [\"npm:good\"]\n"
        book.adopt(
            try Sample.rules(others + "block: [\(block), {package: \"npm:bad\", reason: x}]"))
        func list(_ ecosystem: String) throws -> MalwareFeed {
            try MalwareFeed(stored: Array("[[\"MAL-1\",\"\(ecosystem)\",\"bad\",[\"1\"],[]]]".utf8))
        }
        book.adopt(try list("npm"), revision: 7)
        #expect(book.edition.tag(ofAll: "helm") == before)
        #expect(book.edition.tag(ofAll: "npm") != nil)
        book.adopt(try Sample.rules("block: [{package: \"*\", reason: x}]"))
        #expect(book.edition.tag(ofAll: "helm") != before)
        book.adopt(PolicyRules())
        #expect(book.edition.tag(ofAll: "helm") == nil)
        book.adopt(try list("helm"), revision: 8)
        #expect(book.edition.tag(ofAll: "helm") != nil)
    }
}

extension RulingTests.Row {
    /// A list that allows a range of `demo` alone.
    fileprivate init(testDescription: String, allowing range: String) {
        self.init(
            testDescription: testDescription,
            policy: "allow: [{package: \"pypi:demo\", versions: \"\(range)\"}]", rule: .notAllowed)
    }
}
