import Backends
import Testing
import Upstream

@Suite struct DeadlinesTests {
    private let start = ContinuousClock.now

    private func deadlines() -> Deadlines {
        var limits = TransferLimits(total: .seconds(100), bodyBytes: 0)
        limits.connect = .seconds(5)
        limits.firstByte = .seconds(10)
        limits.pause = .seconds(30)
        return Deadlines(limits, now: start, total: start + limits.total)
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func connecting() {
        let deadlines = deadlines()
        #expect(deadlines.next == at(5))
        #expect(deadlines.expired(at: at(4)) == nil)
        #expect(deadlines.expired(at: at(5)) == .connect)
    }

    @Test func theHeadIsTimedFromTheRequest() {
        var deadlines = deadlines()
        deadlines.requestSent(at: at(4))
        #expect(deadlines.expired(at: at(13)) == nil)
        // Sent again on a new connection: the first time counts.
        deadlines.requestSent(at: at(13))
        #expect(deadlines.expired(at: at(14)) == .head)
    }

    @Test func theBodyMustGoOn() {
        var deadlines = deadlines()
        deadlines.requestSent(at: at(0))
        deadlines.headArrived(at: at(1))
        #expect(deadlines.expired(at: at(30)) == nil)
        deadlines.bodyArrived(Deadlines.leastProgress, at: at(30))
        #expect(deadlines.expired(at: at(59)) == nil)
        #expect(deadlines.expired(at: at(60)) == .body)
    }

    @Test func aByteNowAndThenIsNoProgress() {
        var deadlines = deadlines()
        deadlines.headArrived(at: at(0))
        for second in 1...29 { deadlines.bodyArrived(1, at: at(second)) }
        #expect(deadlines.expired(at: at(30)) == .body)
    }

    @Test func heldTimeDoesNotCountButTheTotalDoes() {
        var deadlines = deadlines()
        deadlines.headArrived(at: at(0))
        deadlines.held()
        #expect(deadlines.next == at(100))
        #expect(deadlines.expired(at: at(99)) == nil)
        #expect(deadlines.expired(at: at(100)) == .total)
        deadlines.resumed(at: at(60))
        #expect(deadlines.expired(at: at(89)) == nil)
        #expect(deadlines.expired(at: at(90)) == .body)
    }

    @Test func theTotalEndsAnyPhase() {
        var deadlines = deadlines()
        deadlines.headArrived(at: at(99))
        #expect(deadlines.next == at(100))
        #expect(deadlines.expired(at: at(100)) == .total)
    }
}
