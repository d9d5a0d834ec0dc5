internal import Engine
internal import HTTPModel
internal import HTTPWire
internal import Linux
internal import TLS

/// The state of one client's connection; belongs to its loop's thread.
final class Connection {
    let socket: Socket
    /// TLS between this and the socket; nil without it.
    var session: TLSSession?
    /// What epoll and wake-ups call this connection; never used again for another.
    let token: UInt64
    /// Nil when it was refused, and is not counted.
    let peer: PeerAddress?
    /// The peer's address, for the responder.
    let address: IPAddress?

    var stage = Stage.reading
    var reader: HeadReader
    var input = InputBuffer()
    var drain: BodyDrain?
    var collection: BodyCollection?
    var bodyWatch: BodyWatch?
    var exchange: Exchange?
    var outgoing = Outgoing()

    /// Whether a receive may bring something: edge-triggered readiness is told only once.
    var hasBytes = false
    /// Whether the peer has ended its side.
    var hasPeerEnded = false
    /// Whether TLS was agreed on, and no request has come since.
    var awaitsFirstRequest = false
    /// Whether TLS has not told the peer yet that our side has ended.
    var owesEnd = false
    /// Whether the loop's queue holds it.
    var isQueued = false
    /// Bytes read away after the answer.
    var lingeredByteCount = 0
    /// Which wait a wake-up is for; an old wake-up has an old ticket.
    var ticket: UInt64 = 0

    /// When the loop must look here, in nanoseconds of uptime.
    var deadline = UInt64.max
    /// The moment of the heap's entry for this connection.
    var scheduled = UInt64.max
    /// When the head or body that is being read began.
    var readingSince: UInt64?
    /// All bytes given to the socket, before they were encrypted.
    var handedByteCount = 0
    var sendWatch: SendWatch?

    enum Stage {
        /// TLS is being agreed on.
        case handshaking
        /// Between requests, or in a head.
        case reading
        /// In a request body that nobody wants; its exchange is over when it was answered before.
        case draining
        /// A client that waits for `100 Continue` is told so.
        case inviting
        /// In a request body that is wanted.
        case collecting
        /// The responder has no answer yet.
        case waiting
        case sending
        /// Our side has ended; what still comes is read away.
        case lingering
        case closed
    }

    /// A time in which a body was collected, to tell a slow sender from one that sends nothing.
    struct BodyWatch {
        /// When the body must be whole.
        let end: UInt64
        var start: UInt64
        /// Bytes that had come by then.
        var byteCount = 0
    }

    /// A time in which the socket was full, to tell a slow reader from one that takes nothing.
    struct SendWatch {
        let start: UInt64
        let acknowledged: Int
    }

    init(_ socket: consuming Socket, token: UInt64, peer: PeerAddress?, limits: HeadLimits) {
        self.socket = socket
        self.token = token
        self.peer = peer
        address = peer?.address
        reader = HeadReader(limits: limits)
    }

    /// Bytes that the peer has confirmed, as they went over the socket.
    var acknowledgedByteCount: Int {
        (session?.writtenByteCount ?? handedByteCount) - socket.unacknowledgedByteCount
    }

    /// Whether the answer waits for its fill, and the socket has taken all there is.
    var isParked: Bool { stage == .sending && outgoing.follow?.isParked == true }
}

extension PeerAddress {
    /// The same as a value of HTTP.
    var address: IPAddress {
        isVersion4 ? .v4(UInt32(truncatingIfNeeded: high)) : .v6(high, low)
    }
}
