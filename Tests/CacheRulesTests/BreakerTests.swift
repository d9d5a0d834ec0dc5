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
}
