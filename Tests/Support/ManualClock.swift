import Backends
import Synchronization

/// A clock that moves when a test says so.
package final class ManualClock: TimeSource {
    private struct Sleeper {
        let id: Int
        let end: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Int64
        var uptime: UInt64 = 1_000_000_000
        var sleepers: [Sleeper] = []
        var lastID = 0
    }

    private let state: Mutex<State>
    private let sleeperCount = Watched(0)

    package init(unixSeconds: Int64 = 1_700_000_000) {
        state = Mutex(State(now: unixSeconds))
    }

    package var now: Int64 { state.withLock { $0.now } }
    package var uptimeNanoseconds: UInt64 { state.withLock { $0.uptime } }

    /// Suspends until ``advance(by:)`` has moved the clock so far.
    package func sleep(for duration: Duration) async {
        let length = Self.nanoseconds(duration)
        let (id, end) = state.withLock { state in
            state.lastID += 1
            return (state.lastID, state.uptime + length)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let sleeps = state.withLock { state in
                    guard end > state.uptime, !Task.isCancelled else { return false }
                    state.sleepers.append(Sleeper(id: id, end: end, continuation: continuation))
                    return true
                }
                guard sleeps else { return continuation.resume() }
                sleeperCount.update { $0 += 1 }
            }
        } onCancel: {
            wake { $0.id == id }
        }
    }

    /// Moves both clocks on, and wakes whose time has come, the earliest end first.
    package func advance(by duration: Duration) {
        let length = Self.nanoseconds(duration)
        let now = state.withLock { state in
            let before = state.uptime / 1_000_000_000
            state.uptime += length
            state.now += Int64(state.uptime / 1_000_000_000 - before)
            return state.uptime
        }
        wake { $0.end <= now }
    }

    /// Sets the clock that may jump, and leaves the other one alone.
    package func jump(toUnixSeconds seconds: Int64) {
        state.withLock { $0.now = seconds }
    }

    /// Suspends until `count` tasks sleep on this clock at once.
    package func sleepers(_ count: Int) async {
        await sleeperCount.until { $0 >= count }
    }

    private func wake(where isDue: (Sleeper) -> Bool) {
        let due = state.withLock { state in
            let due = state.sleepers.filter(isDue)
            state.sleepers.removeAll(where: isDue)
            return due.sorted { ($0.end, $0.id) < ($1.end, $1.id) }
        }
        for sleeper in due {
            sleeperCount.update { $0 -= 1 }
            sleeper.continuation.resume()
        }
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
