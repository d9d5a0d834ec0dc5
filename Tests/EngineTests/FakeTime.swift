import Backends
import Synchronization

/// Clocks that a test moves; pauses pass at once and are counted as time, unless they are held.
final class FakeTime: TimeSource {
    private struct State {
        var second: Int64 = 1_000_000
        var nanoseconds: UInt64 = 1
        var holdsPauses = false
        /// Pauses under way, with their ends.
        var pauses: [(end: UInt64, bell: AsyncStream<Void>.Continuation)] = []
    }

    private let state = Mutex(State())

    var now: Int64 { state.withLock { $0.second } }
    var uptimeNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }

    /// From now on a pause lasts until the clock has been moved past its end.
    func holdPauses() { state.withLock { $0.holdsPauses = true } }

    /// How many pauses are held.
    var pauseCount: Int { state.withLock { $0.pauses.count } }

    func advance(seconds: Int64) {
        let over = state.withLock { state in
            state.second += seconds
            state.nanoseconds += UInt64(seconds) * 1_000_000_000
            let now = state.nanoseconds
            defer { state.pauses.removeAll { $0.end <= now } }
            return state.pauses.filter { $0.end <= now }
        }
        for pause in over { pause.bell.finish() }
    }

    /// Upkeep sleeps until it is cancelled; other pauses are over at once, or held.
    func sleep(for duration: Duration) async {
        let (pause, bell) = AsyncStream.makeStream(of: Void.self)
        if duration < .seconds(30) {
            let nanoseconds =
                UInt64(duration.components.attoseconds / 1_000_000_000)
                + UInt64(duration.components.seconds) * 1_000_000_000
            let isHeld = state.withLock { state in
                if state.holdsPauses {
                    state.pauses.append((state.nanoseconds + nanoseconds, bell))
                } else {
                    state.nanoseconds += nanoseconds
                }
                return state.holdsPauses
            }
            guard isHeld else { return }
        }
        for await _ in pause {}
        bell.finish()
    }
}
