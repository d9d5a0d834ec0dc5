import CacheRules
import Testing

@Suite struct FreshnessTests {
    struct LifetimeRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let cacheControl: String
        var ceiling: Int64 = 300
        var floor: Int64 = 10
        let seconds: Int64
    }

    static let lifetimes: [LifetimeRow] = [
        .init(testDescription: "nothing said: the ceiling", cacheControl: "", seconds: 300),
        .init(testDescription: "shorter wins", cacheControl: "max-age=60", seconds: 60),
        .init(testDescription: "longer is cut", cacheControl: "max-age=600", seconds: 300),
        .init(
            testDescription: "s-maxage beats max-age", cacheControl: "max-age=20, s-maxage=70",
            seconds: 70),
        .init(testDescription: "never under the floor", cacheControl: "max-age=0", seconds: 10),
        .init(
            testDescription: "a floor above the ceiling gives way", cacheControl: "max-age=0",
            ceiling: 5, seconds: 5),
        .init(
            testDescription: "no-store and the like name no lifetime: the ceiling",
            cacheControl: "no-cache, no-store, must-revalidate, max-age=1", seconds: 300),
        .init(
            testDescription: "a damaged number is stale, not immortal",
            cacheControl: "max-age=9x", seconds: 10),
        .init(
            testDescription: "a number that does not fit is large",
            cacheControl: "max-age=99999999999999999999", seconds: 300),
        .init(
            testDescription: "names in any case, quoted argument",
            cacheControl: "Public, Max-Age=\"42\"", seconds: 42),
    ]

    @Test("a document's lifetime: min(ceiling, upstream), with a floor", arguments: lifetimes)
    func lifetime(_ row: LifetimeRow) {
        let rule = FreshnessRule(ceilingSeconds: row.ceiling, floorSeconds: row.floor)
        #expect(rule.lifetimeSeconds(CacheControl(row.cacheControl)) == row.seconds)
    }

    struct AgeRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let validatedAt: Int64
        let lifetime: Int64
        let expected: Freshness
    }

    static let ages: [AgeRow] = [
        .init(
            testDescription: "new", validatedAt: 1_000, lifetime: 60,
            expected: .fresh(remainingSeconds: 60)),
        .init(
            testDescription: "one second left", validatedAt: 941, lifetime: 60,
            expected: .fresh(remainingSeconds: 1)),
        .init(
            testDescription: "stale in the second the age reaches the lifetime", validatedAt: 940,
            lifetime: 60, expected: .stale(bySeconds: 0)),
        .init(
            testDescription: "from the future: the clock was wrong then", validatedAt: 5_000,
            lifetime: 60, expected: .stale(bySeconds: 0)),
        .init(
            testDescription: "a negative lifetime is zero", validatedAt: 1_000, lifetime: -5,
            expected: .stale(bySeconds: 0)),
    ]

    @Test("fresh or stale at second 1,000, RFC 9111 section 4.2", arguments: ages)
    func age(_ row: AgeRow) {
        let freshness = FreshnessRule.freshness(
            validatedAt: row.validatedAt, lifetimeSeconds: row.lifetime, now: 1_000)
        #expect(freshness == row.expected)
    }
}
