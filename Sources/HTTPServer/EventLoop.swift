internal import Engine
internal import HTTPModel
internal import Linux
internal import Synchronization
internal import TLS

/// What all loops of a server share.
final class ServerState: Sendable {
    let limits: ServerLimits
    let responder: any Responder
    /// TLS on all connections; nil for none.
    let tls: TLSAcceptor?
    let counter: ConnectionCounter
    /// Of the request bodies that are held now.
    let bodyBudget: ByteBudget
    /// Whether answers tell the client to close.
    let isDraining = Atomic<Bool>(false)
    private let waitingCount = Atomic<Int>(0)

    init(_ limits: ServerLimits, _ responder: any Responder, tls: TLSAcceptor?) {
        self.limits = limits
        self.tls = tls
        self.responder = responder
        bodyBudget = ByteBudget(limit: limits.bodiesByteCount)
        counter = ConnectionCounter(
            limit: limits.connectionCount, perPeer: limits.connectionCountPerPeer)
    }

    /// Whether one more request may wait.
    ///
    /// Asked before the request is answered, and it counts only afterwards: there may be as many too
    /// many as there are loops.
    var hasWaitingPlace: Bool { waitingCount.load(ordering: .relaxed) < limits.waitingCount }

    /// Counts a request that has to wait.
    func beginWaiting() {
        waitingCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// Takes back one ``beginWaiting()``.
    func endWaiting() {
        waitingCount.wrappingSubtract(1, ordering: .relaxed)
    }
}

/// One thread's connections: it waits for the kernel, for wake-ups and for deadlines, and then lets
/// each connection go as far as it can without waiting.
///
/// Never leaves its thread. With nothing to do it sleeps until the next deadline, or for ever.
final class EventLoop {
    let server: ServerState
    let inbox: LoopInbox
    let epoll: Epoll
    var connections = ConnectionTable()
    var deadlines = DeadlineHeap()
    var knownHeads = KnownHeads()
    /// Connections whose turn was over before their work.
    var runQueue: [UInt64] = []
    /// Where every receive goes first; a connection keeps only what it could not use.
    var scratch = [UInt8](repeating: 0, count: 16_384)
    /// Nanoseconds of uptime, as of the last wake-up.
    var now = SystemClock.monotonicNanoseconds

    var listener: ListeningSocket?
    /// When to listen again after the kernel had no descriptor left.
    var listensAgainAt: UInt64?
    var reserve = ReserveDescriptor()
    var refusedCount = 0
    /// What tells this loop's requests from those of others, and from each other.
    let number: Int
    var requestCount: UInt32 = 0

    /// How many handshakes may still be gone on with before the others have their turn: one may cost
    /// a millisecond.
    var handshakesLeft = handshakesPerTurn
    private static let handshakesPerTurn = 8

    private var stopDeadline: UInt64?
    /// Whether a connection without a request has to go.
    var isStopping: Bool { stopDeadline != nil }
    private(set) var date: (second: Int, bytes: [UInt8]) = (-1, [])

    static let listenerToken = UInt64.max
    static let inboxToken = UInt64.max - 1

    init(
        _ server: ServerState, _ inbox: LoopInbox, _ epoll: Epoll, _ listener: ListeningSocket,
        number: Int
    ) {
        self.number = number
        self.server = server
        self.inbox = inbox
        self.epoll = epoll
        self.listener = listener
    }

    /// Runs until it was stopped and its last connection has ended.
    func run() {
        var batch = EpollBatch(capacity: 256)
        while stopDeadline == nil || connections.count > 0 {
            let count = epoll.wait(into: &batch, milliseconds: timeout)
            now = SystemClock.monotonicNanoseconds
            handshakesLeft = Self.handshakesPerTurn
            // First, or events could take each turn's handshakes, and who waits for one never had any.
            runQueued()
            for index in 0..<count { dispatch(batch[index]) }
            fireDeadlines()
        }
        closeListener()
        inbox.close()
    }

    /// The value of Date, renewed once a second.
    var dateBytes: [UInt8] {
        let second = SystemClock.unixSeconds
        if date.second != second {
            date = (second, Array(HTTPDate(seconds: Int64(second)).text.utf8))
        }
        return date.bytes
    }

    /// Gives the connection another turn after the others had theirs.
    func enqueue(_ connection: Connection) {
        guard !connection.isQueued else { return }
        connection.isQueued = true
        runQueue.append(connection.token)
    }

    // MARK: Events

    private func dispatch(_ event: EpollBatch.Event) {
        switch event.token {
        case Self.listenerToken: _ = acceptWaiting()
        case Self.inboxToken: for message in inbox.take() { receive(message) }
        default:
            guard let connection = connections[event.token] else { return }
            // TLS that had to write before it could go on may have bytes that no event tells of.
            if event.isReadable || event.hasPeerEnded || connection.session != nil {
                connection.hasBytes = true
            }
            if event.hasPeerEnded { connection.hasPeerEnded = true }
            if event.isBroken {
                drop(connection)
            } else {
                dispatch(to: connection)
            }
        }
    }

    private func dispatch(to connection: Connection) {
        switch connection.stage {
        case .waiting:
            // Nobody is left to wait for it. A client that only ended its side looks the same.
            if connection.hasPeerEnded { drop(connection) }
        case .sending where connection.isParked:
            if connection.hasPeerEnded { drop(connection) } else { advance(connection) }
        case .sending, .inviting: advance(connection)
        case .handshaking, .reading, .draining, .collecting, .lingering:
            if connection.hasBytes { advance(connection) }
        case .closed: break
        }
    }

    private func receive(_ message: LoopMessage) {
        switch message {
        case .news(let token, let ticket):
            guard let connection = connections[token], connection.ticket == ticket else { return }
            connection.ticket += 1
            resume(connection, after: .news)
        case .stopAccepting:
            // Bounded, should clients come faster than they are accepted.
            for _ in 0..<64 where acceptWaiting() == .more {}
            closeListener()
        case .stop(let deadline):
            closeListener()
            // A second stop may shorten the first one's time, and never lengthens it.
            stopDeadline = min(stopDeadline ?? .max, deadline)
            for connection in connections.all {
                // Who has said nothing yet, not even of TLS, has no request under way.
                if connection.stage == .handshaking, !connection.hasBytes,
                    connection.session == nil
                {
                    drop(connection)
                }
                guard connection.stage == .reading else { continue }
                // A request that came before the stop is still answered.
                connection.hasBytes = true
                advance(connection)
                if connection.stage == .reading, connection.input.isEmpty,
                    !connection.awaitsFirstRequest
                {
                    drop(connection)
                }
            }
        }
    }

    private func runQueued() {
        guard !runQueue.isEmpty else { return }
        let tokens = runQueue
        runQueue = []
        for token in tokens {
            guard let connection = connections[token] else { continue }
            connection.isQueued = false
            advance(connection)
        }
    }

    // MARK: Time

    /// Milliseconds until there is something to do without an event; -1 for never.
    private var timeout: Int32 {
        guard runQueue.isEmpty else { return 0 }
        let next = min(deadlines.next ?? .max, listensAgainAt ?? .max, stopDeadline ?? .max)
        guard next < .max else { return -1 }
        now = SystemClock.monotonicNanoseconds
        guard next > now else { return 0 }
        // Rounded up, or the loop would spin through the last part of a millisecond.
        return Int32(clamping: (next - now + 999_999) / 1_000_000)
    }

    /// Makes the loop look at the connection at `deadline` at the latest.
    func setDeadline(_ deadline: UInt64, for connection: Connection) {
        connection.deadline = deadline
        guard deadline < connection.scheduled else { return }
        // Entries of connections that have ended must not pile up.
        if deadlines.count > 2 * connections.count + 1_024 {
            deadlines.removeAll()
            for other in connections.all where other !== connection {
                other.scheduled = other.deadline
                guard other.deadline < .max else { continue }
                deadlines.push(.init(moment: other.deadline, token: other.token))
            }
        }
        connection.scheduled = deadline
        deadlines.push(.init(moment: deadline, token: connection.token))
    }

    private func fireDeadlines() {
        while let entry = deadlines.pop(at: now) {
            guard let connection = connections[entry.token],
                connection.scheduled == entry.moment
            else { continue }
            connection.scheduled = .max
            if connection.deadline > now {
                setDeadline(connection.deadline, for: connection)
            } else {
                connection.deadline = .max
                deadlinePassed(connection)
            }
        }
        if let moment = listensAgainAt, moment <= now { listenAgain() }
        if let stopDeadline, stopDeadline <= now {
            for connection in connections.all { breakOff(connection) }
        }
    }
}
