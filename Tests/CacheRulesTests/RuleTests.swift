import CacheRules
import Testing

@Suite struct RuleTests {
    // MARK: Retries

    struct PauseRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let failures: Int
        var retryAfter: Int?
        var jitter = 999
        let milliseconds: Int?
    }

    static let pauses: [PauseRow] = [
        .init(testDescription: "first pause, most jitter", failures: 1, milliseconds: 199),
        .init(
            testDescription: "first pause, no jitter: half", failures: 1, jitter: 0,
            milliseconds: 100),
        .init(testDescription: "doubled", failures: 2, jitter: 0, milliseconds: 200),
        .init(testDescription: "no fourth try", failures: 3, milliseconds: nil),
        .init(
            testDescription: "Retry-After is obeyed", failures: 1, retryAfter: 2,
            milliseconds: 2_000),
        .init(
            testDescription: "a zero Retry-After still pauses", failures: 1, retryAfter: 0,
            milliseconds: 200),
        .init(
            testDescription: "a long Retry-After ends the tries", failures: 1, retryAfter: 60,
            milliseconds: nil),
    ]

    @Test("bounded tries with growing pauses", arguments: pauses)
    func pause(_ row: PauseRow) {
        let pause = RetryRule().pause(
            afterFailures: row.failures, retryAfterSeconds: row.retryAfter, jitter: row.jitter)
        #expect(pause == row.milliseconds)
    }

    @Test("Retry-After is read as whole seconds only, RFC 9110 section 10.2.3")
    func retryAfter() {
        #expect(RetryRule.seconds(retryAfter: "120") == 120)
        for text in ["", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999"] {
            #expect(RetryRule.seconds(retryAfter: text) == nil, "\(text)")
        }
    }

    // MARK: Withdrawal

    @Test("an old project is kept, a young one refused; unknown publication counts from storing")
    func withdrawal() {
        let rule = WithdrawalRule()
        let day: Int64 = 86_400
        let now = 1_000 * day
        func verdict(_ published: Int64?, stored: Int64) -> WithdrawalRule.Verdict {
            rule.verdict(earliestPublication: published, storedAt: stored, withdrawnAt: now)
        }
        #expect(verdict(now - 30 * day, stored: now) == .keep)
        #expect(verdict(now - 30 * day + 1, stored: 0) == .refuse)
        #expect(verdict(nil, stored: now - 31 * day) == .keep)
        #expect(verdict(nil, stored: now - day) == .refuse)
    }

    // MARK: Eviction

    @Test("nothing goes within the limit; past it, down to 95 percent")
    func eviction() {
        let rule = EvictionRule(limitBytes: 1_000)
        #expect(rule.excessBytes(stored: 1_000) == 0)
        #expect(rule.excessBytes(stored: 1_001) == 51)
        #expect(EvictionRule(limitBytes: 0).excessBytes(stored: 7) == 7)
    }

    @Test("eviction rests thrice as long as it worked, a second at most, and not when far behind")
    func evictionRest() {
        let rule = EvictionRule(limitBytes: 1_000)
        #expect(rule.rest(afterNanoseconds: 0, stored: 1_001) == 0)
        #expect(rule.rest(afterNanoseconds: 40_000_000, stored: 1_001) == 120_000_000)
        #expect(rule.rest(afterNanoseconds: 40_000_000, stored: 960) == 120_000_000)
        #expect(rule.rest(afterNanoseconds: 40_000_000, stored: 1_050) == 120_000_000)
        #expect(rule.rest(afterNanoseconds: 40_000_000, stored: 1_051) == 0)
        #expect(rule.rest(afterNanoseconds: 400_000_000, stored: 1_001) == 1_000_000_000)
        #expect(rule.rest(afterNanoseconds: .max, stored: 1_001) == 1_000_000_000)
    }

    // MARK: Cache-Status

    struct StatusRow: Sendable, CustomTestStringConvertible {
        var testDescription: String { text }
        let status: CacheStatus
        let text: String
        let label: String
    }

    static let statuses: [StatusRow] = {
        var stored = CacheStatus(forward: .uriMiss)
        stored.isStored = true
        var collapsed = stored
        collapsed.isCollapsed = true
        var stale = CacheStatus(forward: .stale, detail: .staleIfError)
        stale.forwardStatus = 503
        stale.remainingSeconds = -12
        var fresh = CacheStatus.hit
        fresh.remainingSeconds = 40
        return [
            .init(status: .hit, text: "larder; hit", label: "hit"),
            .init(status: fresh, text: "larder; hit; ttl=40", label: "hit"),
            .init(status: stored, text: "larder; fwd=uri-miss; stored", label: "miss"),
            .init(
                status: collapsed, text: "larder; fwd=uri-miss; stored; collapsed",
                label: "collapsed"),
            .init(
                status: stale,
                text: "larder; fwd=stale; fwd-status=503; ttl=-12; detail=stale-if-error",
                label: "stale"),
            .init(
                status: CacheStatus(detail: .negative), text: "larder; hit; detail=negative",
                label: "negative"),
        ]
    }()

    @Test("the Cache-Status field, RFC 9211", arguments: statuses)
    func status(_ row: StatusRow) {
        #expect(row.status.text == row.text)
        #expect(row.status.label == row.label)
    }

    struct DesertionRow: Sendable, CustomTestStringConvertible {
        let arrived: Int
        let byteCount: Int?
        let goesOn: Bool

        var testDescription: String { "\(arrived) of \(byteCount.map(String.init) ?? "?")" }
    }

    static let desertions: [DesertionRow] = [
        .init(arrived: 0, byteCount: 16 << 20, goesOn: true),
        .init(arrived: 0, byteCount: 16 << 20 | 1, goesOn: false),
        .init(arrived: 50 << 20, byteCount: 100 << 20, goesOn: false),
        .init(arrived: 50 << 20 | 1, byteCount: 100 << 20, goesOn: true),
        .init(arrived: 1, byteCount: .max, goesOn: false),
        .init(arrived: 16 << 20, byteCount: nil, goesOn: true),
        .init(arrived: 16 << 20 | 1, byteCount: nil, goesOn: false),
    ]

    @Test("L-5: a transfer for which nobody waits", arguments: desertions)
    func desertion(_ row: DesertionRow) {
        #expect(DesertionRule().goesOn(arrived: row.arrived, of: row.byteCount) == row.goesOn)
    }
}
