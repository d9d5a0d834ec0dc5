internal import Engine
internal import HTTPWire
internal import Linux

/// How one step of a connection ended.
enum Step {
    /// Go on with what the stage now says.
    case next
    /// An event, a wake-up or a deadline will go on.
    case blocked
    /// There is more to do, after the others.
    case yield
    /// Close in order.
    case close
    /// Break off: what was sent must not look complete.
    case breakOff
}

extension EventLoop {
    /// Steps of one connection (pipelined requests, say) before the others have their turn.
    private static let stepsPerTurn = 64

    /// Lets a connection go as far as it can.
    func advance(_ connection: Connection) {
        for _ in 0..<Self.stepsPerTurn {
            let step = step(connection)
            if case .next = step { continue }
            return settle(step, connection)
        }
        enqueue(connection)
    }

    /// Does what a step came to.
    func settle(_ step: Step, _ connection: Connection) {
        switch step {
        case .next: advance(connection)
        case .blocked: break
        case .yield: enqueue(connection)
        case .close: drop(connection)
        case .breakOff: breakOff(connection)
        }
    }

    private func step(_ connection: Connection) -> Step {
        switch connection.stage {
        case .reading: readHead(connection)
        case .draining: drainBody(connection)
        case .inviting: invite(connection)
        case .collecting: collectBody(connection)
        case .sending: send(connection)
        case .lingering: linger(connection)
        case .waiting, .closed: .blocked
        }
    }

    // MARK: Head

    private func readHead(_ connection: Connection) -> Step {
        do throws(WireFault) {
            if !connection.input.isEmpty, let head = try parseInput(connection) {
                return begin(head, connection)
            }
            while connection.hasBytes {
                guard let count = receive(connection) else { return .close }
                guard count > 0 else { break }
                if connection.readingSince == nil { connection.readingSince = now }
                if let head = try parse(connection, received: count) {
                    return begin(head, connection)
                }
            }
        } catch {
            return refuse(connection, error)
        }
        // The stop has closed those that were idle; this one has become idle since.
        if isStopping, connection.input.isEmpty { return .close }
        let limits = server.limits
        let since = connection.readingSince.map { $0 + limits.headTimeout.nanoseconds }
        setDeadline(since ?? now + limits.idleTimeout.nanoseconds, for: connection)
        return .blocked
    }

    /// Receives once into `scratch`: nil at the end, 0 when there is nothing now.
    func receive(_ connection: Connection) -> Int? {
        switch connection.socket.receive(into: &scratch) {
        case .moved(let count):
            // A short receive has emptied the socket (epoll(7)); but an end may be behind it.
            if count < scratch.count, !connection.hasPeerEnded { connection.hasBytes = false }
            return count
        case .wouldBlock:
            connection.hasBytes = false
            return 0
        case .end, .failed: return nil
        }
    }

    /// Reads on in bytes that were kept.
    private func parseInput(_ connection: Connection) throws(WireFault) -> ParsedHead? {
        if connection.readingSince == nil { connection.readingSince = now }
        let bytes = connection.input.bytes
        let rest = bytes.span.extracting(connection.input.start..<bytes.count)
        return try connection.reader.read(rest)
    }

    /// Reads on in bytes that were just received; copies only those that no head took.
    private func parse(
        _ connection: Connection, received count: Int
    ) throws(WireFault) -> ParsedHead? {
        guard connection.input.isEmpty else {
            connection.input.append(scratch, 0..<count)
            return try parseInput(connection)
        }
        let bytes = scratch
        let head = try connection.reader.read(bytes.span.extracting(0..<count))
        // begin(_:_:) takes the head away from kept bytes.
        if head?.byteCount != count { connection.input.append(bytes, 0..<count) }
        return head
    }

    private func begin(_ head: ParsedHead, _ connection: Connection) -> Step {
        if !connection.input.isEmpty { connection.input.consume(head.byteCount) }
        connection.reader = HeadReader(limits: server.limits.head)
        connection.readingSince = nil
        let exchange = Exchange(head, from: connection.address, start: now)
        connection.exchange = exchange
        return beginBody(head, connection, exchange)
    }

    /// Reads away what still comes after the last answer.
    private func linger(_ connection: Connection) -> Step {
        while connection.hasBytes {
            guard let count = receive(connection) else { return .close }
            connection.lingeredByteCount += count
            guard connection.lingeredByteCount <= server.limits.lingerByteCount else {
                return .close
            }
        }
        return .blocked
    }
}
