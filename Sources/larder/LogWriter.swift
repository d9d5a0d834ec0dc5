import Dispatch
import Linux
import Synchronization

/// Writes log lines to standard error from a thread of its own, so that no server thread waits for
/// whoever reads the log.
///
/// Bounded: lines that come while ``byteLimit`` bytes are waiting are dropped and counted.
final class LogWriter: Sendable {
    private static let byteLimit = 4 << 20

    private struct State {
        var waiting: [UInt8] = []
        var isScheduled = false
        var droppedCount = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "larder.log")
    let isTerminal = StandardStream.error.isTerminal

    /// Adds one line, without its line feed.
    func write(_ line: String) {
        let isNew = state.withLock { state in
            guard state.waiting.count < Self.byteLimit else {
                state.droppedCount += 1
                return false
            }
            state.waiting.append(contentsOf: line.utf8)
            state.waiting.append(0x0A)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { queue.async { self.drain() } }
    }

    /// Waits until everything so far is written, and two seconds at most: who does not read the log
    /// does not keep the server from ending.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + 2)
    }

    /// How many lines were dropped since the start.
    var droppedCount: Int { state.withLock { $0.droppedCount } }

    private func drain() {
        let bytes = state.withLock { state in
            defer {
                state.waiting = []
                state.isScheduled = false
            }
            return state.waiting
        }
        guard !bytes.isEmpty else { return }
        // A log that nobody can read any more is no reason to stop serving.
        try? StandardStream.error.write(bytes)
    }
}
