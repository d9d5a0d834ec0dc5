import Backends
import Synchronization

/// Clocks that a test moves; pauses of retries pass at once and are counted as time.
final class FakeTime: TimeSource {
    private struct State {
        var second: Int64 = 1_000_000
        var nanoseconds: UInt64 = 1
    }

    private let state = Mutex(State())

    var now: Int64 { state.withLock { $0.second } }
    var uptimeNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }

    func advance(seconds: Int64) {
        state.withLock {
            $0.second += seconds
            $0.nanoseconds += UInt64(seconds) * 1_000_000_000
        }
    }

    /// Upkeep sleeps until it is cancelled; a retry's pause is over at once.
    func sleep(for duration: Duration) async {
        guard duration >= .seconds(30) else {
            let nanoseconds = UInt64(duration.components.attoseconds / 1_000_000_000)
            state.withLock {
                $0.nanoseconds += nanoseconds + UInt64(duration.components.seconds) * 1_000_000_000
            }
            return
        }
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        continuation.finish()
    }
}
