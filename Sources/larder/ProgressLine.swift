import Linux
import Synchronization
import Upkeep

/// Shows on standard error how far a long piece of work is: a bar that is written over on a
/// terminal, a line now and then elsewhere.
final class ProgressLine: Sendable {
    /// How many things are named one by one; of the rest there is a count.
    private static let findingLimit = 100

    private struct State {
        var phase = ""
        var beganAt: UInt64 = 0
        var shownAt: UInt64 = 0
        var isShown = false
        var findingCount = 0
    }

    private let isTerminal = StandardStream.error.isTerminal
    private let state = Mutex(State())

    /// Those who are told by the work.
    var watch: UpkeepWatch {
        UpkeepWatch(
            progress: { [self] in show($0, at: SystemClock.monotonicNanoseconds) },
            finding: { [self] in find($0) })
    }

    private func show(_ progress: UpkeepProgress, at now: UInt64) {
        let pause: UInt64 = isTerminal ? 200_000_000 : 10_000_000_000
        let text: String? = state.withLock { state in
            if state.phase != progress.phase {
                state.phase = progress.phase
                state.beganAt = now
                state.shownAt = isTerminal ? 0 : now
            }
            guard now >= state.shownAt + pause else { return nil }
            state.shownAt = now
            state.isShown = isTerminal
            return ProgressText.line(progress, seconds: Double(now - state.beganAt) / 1e9)
        }
        guard let text else { return }
        write(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }

    private func find(_ finding: String) {
        let isNamed = state.withLock { state in
            state.findingCount += 1
            return state.findingCount <= Self.findingLimit
        }
        guard isNamed else { return }
        clear()
        write(finding + "\n")
    }

    /// Takes the bar away, and says how much was not named.
    func end() {
        clear()
        let rest = state.withLock { $0.findingCount - Self.findingLimit }
        if rest > 0 { write("and \(rest) more\n") }
    }

    private func clear() {
        if state.withLock({ state in
            defer { state.isShown = false }
            return state.isShown
        }) {
            write("\r\u{1B}[K")
        }
    }

    private func write(_ text: String) {
        // Nobody may be there to read it, and the work goes on.
        try? StandardStream.error.write(Array(text.utf8))
    }
}
