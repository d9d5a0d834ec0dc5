package import HTTPModel
package import HTTPWire

/// What one client, and all of them together, may take (rule F3 of the reliability study).
package struct ServerLimits: Sendable, Hashable {
    package var head = HeadLimits()
    /// From the first byte of a head to its last, and the same again for a body that is drained.
    package var headTimeout = Duration.seconds(10)
    /// How long a connection may be open between requests.
    package var idleTimeout = Duration.seconds(60)
    /// The longest request body that is read away; behind a longer one the connection is closed.
    package var drainedBodyByteCount = 65_536
    /// The longest request body that is collected, whatever its responder would take.
    package var bodyByteCount = 8 << 20
    /// All request bodies together, from their first byte until nobody holds them any more.
    package var bodiesByteCount = 64 << 20
    /// From the end of a head to the end of a body that is wanted.
    package var bodyTimeout = Duration.seconds(60)
    /// Bytes a second that a client must send of a body that is wanted, over each ``bodyWindow``.
    package var minimumBodyRate = 1_024
    package var bodyWindow = Duration.seconds(10)
    /// Bytes a second that a client must take, over each ``sendWindow`` in which the socket was
    /// full the whole time.
    ///
    /// The kernel tells of progress in large steps, so the window must not be short.
    package var minimumSendRate = 1_024
    package var sendWindow = Duration.seconds(60)
    /// Connections in all; the next ones are answered 503 at once.
    package var connectionCount = 10_000
    /// Connections of one IPv4 address or one IPv6 network of 64 bits.
    package var connectionCountPerPeer = 4_096
    /// Peers that stand for many clients, proxies in the main: only the limit of all holds for them.
    package var unlimitedPeers: [AddressBlock] = []
    /// Requests over all connections that wait for something that is not at hand; the next ones are
    /// answered 503.
    package var waitingCount = 8_192
    /// The most bytes that one connection sends before the others have their turn.
    package var turnByteCount = 2 << 20
    /// How long the rest of a refused request is read away, so that the answer is not lost in a
    /// reset.
    package var lingerTimeout = Duration.seconds(2)
    /// How much of it is read away: a client that sends a package does not look up before its end.
    package var lingerByteCount = 16 << 20

    /// How requests are named; nil for not at all.
    package var naming: RequestNaming?

    package init() {}
}

extension Duration {
    /// Whole nanoseconds; a duration below zero is zero.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
    }
}
