import CacheRules
import Testing

@Suite struct BreakerTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("one spent budget opens it; while open nobody waits")
    func budgetOpens() {
        var breaker = Breaker()
        #expect(breaker.permission(at: 0) == .wait)
        #expect(breaker.record(.budgetSpent, at: 10 * Self.second) == .opened)
        #expect(breaker.record(.budgetSpent, at: 11 * Self.second) == .none)
        #expect(breaker.permission(at: 12 * Self.second) == .none)
    }

    @Test("three failures in a row open it, a success between starts the count anew")
    func failuresOpen() {
        var breaker = Breaker()
        #expect(breaker.record(.failure, at: 1) == .none)
        #expect(breaker.record(.failure, at: 2) == .none)
        #expect(breaker.record(.success, at: 3) == .none)
        #expect(breaker.record(.failure, at: 4) == .none)
        #expect(breaker.record(.failure, at: 5) == .none)
        #expect(breaker.record(.failure, at: 6) == .opened)
        #expect(breaker.isOpen)
    }

    @Test("while open, at most one probe in five seconds")
    func probes() {
        var breaker = Breaker()
        _ = breaker.record(.budgetSpent, at: 0)
        var probes = 0
        for tenth in 0..<200
        where breaker.permission(at: UInt64(tenth) * Self.second / 10) == .probe {
            probes += 1
        }
        #expect(probes == 3)
    }

    @Test("a success closes it and says so once")
    func closes() {
        var breaker = Breaker()
        _ = breaker.record(.budgetSpent, at: 0)
        #expect(breaker.record(.success, at: 1) == .closed)
        #expect(breaker.record(.success, at: 2) == .none)
        #expect(breaker.permission(at: 3) == .wait)
    }

    @Test(
        "a longer rest that the upstream asks for opens it and puts the probe off, two minutes at most"
    )
    func rests() {
        for (asked, given) in [(6, 6), (60, 60), (3_600, 120)] as [(Int, UInt64)] {
            var breaker = Breaker()
            let outcome = Breaker.Outcome(retryAfterSeconds: asked)
            #expect(breaker.record(outcome, at: 0) == .opened)
            #expect(breaker.permission(at: given * Self.second - 1) == .none)
            #expect(breaker.isDown(at: given * Self.second - 1))
            #expect(breaker.permission(at: given * Self.second) == .probe)
            // What was asked for before a recovery does not count after it.
            #expect(breaker.record(outcome, at: given * Self.second) == .none)
            #expect(breaker.record(.success, at: given * Self.second + 1) == .closed)
            #expect(breaker.record(.budgetSpent, at: given * Self.second + 2) == .opened)
            let next = given * Self.second + 2 + Breaker.probeInterval
            #expect(breaker.permission(at: next) == .probe)
        }
    }

    @Test("a short rest, or none, is a failure like others", arguments: [nil, -1, 0, 5])
    func shortRests(_ seconds: Int?) {
        #expect(Breaker.Outcome(retryAfterSeconds: seconds) == .failure)
    }
}
