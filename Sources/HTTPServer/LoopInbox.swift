internal import Linux
internal import Synchronization

/// What other threads tell a loop.
enum LoopMessage: Sendable {
    /// A fill that a connection waits for has news; the ticket says for which wait.
    case news(token: UInt64, ticket: UInt64)
    case stopAccepting
    /// Finish what is under way until this moment of uptime, in nanoseconds.
    case stop(deadline: UInt64)
}

/// The queue into one loop, with the descriptor that wakes it.
///
/// Its length is bounded by the connections: each waits for one thing at a time.
final class LoopInbox: Sendable {
    let wakeUp: EventFD
    private let state = Mutex(State())

    private struct State: Sendable {
        var messages: [LoopMessage] = []
        var isClosed = false
    }

    init() throws(Errno) {
        wakeUp = try EventFD()
    }

    /// Queues a message; never blocks.
    ///
    /// After ``close()``, does nothing.
    func post(_ message: LoopMessage) {
        let isFirst = state.withLock { state in
            guard !state.isClosed else { return false }
            state.messages.append(message)
            return state.messages.count == 1
        }
        if isFirst { wakeUp.signal() }
    }

    /// All messages so far; called by the loop, after a wake-up.
    func take() -> [LoopMessage] {
        // Cleared first: a message that comes in between signals again.
        wakeUp.clear()
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    func close() {
        state.withLock {
            $0.isClosed = true
            $0.messages = []
        }
    }
}
