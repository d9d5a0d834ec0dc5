import Configuration
import Dispatch
import Linux
import Synchronization

/// Writes log lines to standard error from a thread of its own, so that no server thread waits for
/// whoever reads the log.
///
/// Requests come as values, and become text on that thread. Bounded: what comes while
/// ``byteLimit`` bytes or ``requestLimit`` requests are waiting is dropped and counted.
final class LogWriter: Sendable {
    private static let byteLimit = 4 << 20
    private static let requestLimit = 20_000
    /// For how long lines of requests are collected: waking a thread for each would cost more than
    /// the line.
    private static let delay = DispatchTimeInterval.milliseconds(5)

    private enum Entry {
        case line([UInt8])
        case request(RequestLine)
    }

    private struct State {
        var waiting: [Entry] = []
        /// An empty list whose memory is used again.
        var spare: [Entry] = []
        var waitingByteCount = 0
        var isScheduled = false
        var droppedCount = 0
    }

    /// The most entries whose memory is kept for the next ones.
    private static let keptCount = 4_096

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "larder.log")
    /// Whether lines are for people.
    let isText: Bool
    private let hasRequests: Bool

    init(_ settings: Settings.Log) {
        hasRequests = settings.hasRequests
        isText =
            switch settings.format {
            case .auto: StandardStream.error.isTerminal
            case .json: false
            case .text: true
            }
    }

    /// Adds one line, which is written at once, behind the requests before it.
    func write(_ line: LogLine) {
        let bytes = line.bytes
        _ = add(.line(bytes), byteCount: bytes.count, schedules: false)
        queue.async { self.drain() }
    }

    /// Adds the line of a request, unless those are switched off; costs a lock and an append.
    func write(_ request: RequestLine) {
        guard hasRequests, add(.request(request), byteCount: 0, schedules: true) else { return }
        queue.asyncAfter(deadline: .now() + Self.delay) { self.drain() }
    }

    /// Whether nobody has scheduled what writes it yet.
    private func add(_ entry: Entry, byteCount: Int, schedules: Bool) -> Bool {
        state.withLock { state in
            guard state.waitingByteCount < Self.byteLimit,
                state.waiting.count < Self.requestLimit
            else {
                state.droppedCount += 1
                return false
            }
            state.waiting.append(entry)
            state.waitingByteCount += byteCount
            guard schedules, !state.isScheduled else { return false }
            state.isScheduled = true
            return true
        }
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
        var entries = state.withLock { state in
            let entries = state.waiting
            state.waiting = state.spare
            state.spare = []
            state.waitingByteCount = 0
            state.isScheduled = false
            return entries
        }
        var lines = LogFields(isText: isText)
        for entry in entries {
            switch entry {
            case .line(let line): lines.append(line)
            case .request(let request): request.write(to: &lines)
            }
            lines.append([0x0A])
        }
        // A log that nobody can read any more is no reason to stop serving.
        if !lines.bytes.isEmpty { try? StandardStream.error.write(lines.bytes) }
        guard entries.count <= Self.keptCount else { return }
        entries.removeAll(keepingCapacity: true)
        state.withLock { $0.spare = entries }
    }
}
