import Backends
import Synchronization

/// Clocks that only a test moves, and those who wait for them.
final class ManualTime: TimeSource {
    static let second: UInt64 = 1_000_000_000

    private struct Timer {
        let number: Int
        let end: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var nanoseconds: UInt64 = ManualTime.second
        var timers: [Timer] = []
        var count = 0
        /// Timers whose tasks were cancelled before they could be set.
        var cancelled: Set<Int> = []
    }

    /// The calendar at the start.
    static let start: Int64 = 1_000_000_000

    private let state = Mutex(State())

    var uptimeNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }
    var now: Int64 { Self.start + Int64(uptimeNanoseconds / Self.second) }

    func sleep(for duration: Duration) async {
        let parts = duration.components
        let nanoseconds =
            UInt64(parts.seconds) * Self.second + UInt64(parts.attoseconds / 1_000_000_000)
        await wait(until: uptimeNanoseconds + nanoseconds)
    }

    /// Waits for a moment of uptime; ends early when the task is cancelled.
    func wait(until end: UInt64) async {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = Timer(number: number, end: end, continuation: continuation)
                if !set(timer) { continuation.resume() }
            }
        } onCancel: {
            cancel(number)?.resume()
        }
    }

    private func set(_ timer: Timer) -> Bool {
        state.withLock { state in
            if state.cancelled.remove(timer.number) != nil { return false }
            guard timer.end > state.nanoseconds else { return false }
            state.timers.append(timer)
            return true
        }
    }

    private func cancel(_ number: Int) -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            guard let place = state.timers.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.timers.remove(at: place).continuation
        }
    }

    /// When the first of those who wait goes on.
    var nextEnd: UInt64? { state.withLock { $0.timers.map(\.end).min() } }

    /// Moves the clocks, and lets those go on whose time has come, in the order in which they began.
    func move(to moment: UInt64) {
        let over = state.withLock { state in
            state.nanoseconds = max(state.nanoseconds, moment)
            let now = state.nanoseconds
            defer { state.timers.removeAll { $0.end <= now } }
            return state.timers.filter { $0.end <= now }
        }
        for timer in over { timer.continuation.resume() }
    }
}
