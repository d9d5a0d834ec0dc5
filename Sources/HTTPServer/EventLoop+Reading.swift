internal import Engine
internal import HTTPModel
internal import HTTPWire
internal import Linux
internal import TLS

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
        case .handshaking: shakeHands(connection)
        case .reading: readHead(connection)
        case .draining: drainBody(connection)
        case .inviting: invite(connection)
        case .collecting: collectBody(connection)
        case .sending: send(connection)
        case .lingering: linger(connection)
        case .waiting, .closed: .blocked
        }
    }

    // MARK: TLS

    /// Goes on with a handshake; the time for it is that of a head.
    private func shakeHands(_ connection: Connection) -> Step {
        guard handshakesLeft > 0 else { return .yield }
        handshakesLeft -= 1
        // Not before there is something to read: a session takes 50 KB until the handshake is over.
        if connection.session == nil {
            connection.session = server.tls?.session(on: connection.socket)
        }
        switch connection.session?.handshake() ?? .failed {
        case .done:
            connection.stage = .reading
            connection.awaitsFirstRequest = true
            // The first request may have come with the end of the handshake.
            connection.hasBytes = true
            return .next
        case .wouldBlock: return .blocked
        case .plaintext:
            connection.session = nil
            let text = OwnReplies.plaintextOnTLS
            _ = connection.send(text.span)
            return beginLingering(connection)
        case .failed: return .close
        }
    }

    // MARK: Head

    private func readHead(_ connection: Connection) -> Step {
        do throws(WireFault) {
            if !connection.input.isEmpty, let head = try parseInput(connection) {
                return begin(head, connection)
            }
            var budget = Self.bytesPerTurn
            while connection.hasBytes {
                guard budget > 0 else {
                    awaitHead(connection)
                    return .yield
                }
                guard let count = receive(connection) else { return .close }
                guard count > 0 else { break }
                budget -= max(count, Self.leastPiece)
                if connection.readingSince == nil {
                    if let known = knownHeads.find(scratch, count, from: connection) {
                        return begin(known, connection)
                    }
                    connection.readingSince = now
                }
                if let head = try parse(connection, received: count) {
                    return begin(head, connection, received: count)
                }
            }
        } catch {
            return refuse(connection, error)
        }
        // The stop has closed those that were idle; this one has become idle since. One whose
        // handshake is just over has a request on its way.
        if isStopping, connection.input.isEmpty, !connection.awaitsFirstRequest { return .close }
        awaitHead(connection)
        return .blocked
    }

    /// Bounds the time until a head is there, or until one begins.
    private func awaitHead(_ connection: Connection) {
        let limits = server.limits
        let since = connection.readingSince.map { $0 + limits.headTimeout.nanoseconds }
        let idle = connection.awaitsFirstRequest ? limits.headTimeout : limits.idleTimeout
        setDeadline(since ?? now + idle.nanoseconds, for: connection)
    }

    /// Receives once into `scratch`: nil at the end, 0 when there is nothing now.
    func receive(_ connection: Connection) -> Int? {
        switch connection.receive(into: &scratch) {
        case .moved(let count):
            // A short receive has emptied the socket (epoll(7)); but an end may be behind it, and TLS
            // gives a record at a time.
            if count < scratch.count, !connection.hasPeerEnded, connection.session == nil {
                connection.hasBytes = false
            }
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

    /// `count` is that of the bytes in `scratch`, where the head may be all of them.
    private func begin(
        _ head: ParsedHead, _ connection: Connection, received count: Int = 0
    ) -> Step {
        let isAlone = connection.input.isEmpty && head.byteCount == count
        if !connection.input.isEmpty { connection.input.consume(head.byteCount) }
        connection.reader = HeadReader(limits: server.limits.head)
        connection.readingSince = nil
        connection.awaitsFirstRequest = false
        let asked = named(head, connection)
        let known = isAlone ? knownHeads.note(asked, scratch, count) : nil
        let exchange = Exchange(
            asked, known: known, requestID: asked.head.request.requestID, start: now)
        connection.exchange = exchange
        return beginBody(head, connection, exchange)
    }

    /// Begins a request whose head came before, byte for byte.
    private func begin(_ known: KnownHead, _ connection: Connection) -> Step {
        let exchange = Exchange(
            known.asked, known: known, requestID: requestID(of: known.asked), start: now)
        connection.exchange = exchange
        connection.awaitsFirstRequest = false
        if let step = repeatReply(of: known, connection, exchange) { return step }
        return beginBody(known.asked.head, connection, exchange)
    }

    /// The head with what is known of who sent it.
    private func named(_ head: ParsedHead, _ connection: Connection) -> AskedHead {
        var request = head.request
        let given = request.requestID
        guard let naming = server.limits.naming else {
            request.peer = connection.address
            request.requestID = nil
            return AskedHead(head.with(request), hasGivenID: false)
        }
        requestCount &+= 1
        naming.name(&request, from: connection.address, loop: number, number: requestCount)
        let hasGivenID = given != nil && given == request.requestID
        return AskedHead(head.with(request), hasGivenID: hasGivenID)
    }

    /// The id of a request whose head came before.
    private func requestID(of asked: AskedHead) -> String? {
        guard !asked.hasGivenID, let naming = server.limits.naming else {
            return asked.head.request.requestID
        }
        requestCount &+= 1
        return naming.id(loop: number, number: requestCount)
    }

    /// Reads away what still comes after the last answer.
    private func linger(_ connection: Connection) -> Step {
        if connection.owesEnd { connection.endSending() }
        var budget = Self.bytesPerTurn
        while connection.hasBytes {
            guard budget > 0 else { return .yield }
            guard let count = receive(connection) else { return .close }
            // Bytes that come one by one cost more than they are.
            budget -= max(count, Self.leastPiece)
            connection.lingeredByteCount += max(count, Self.leastPiece)
            guard connection.lingeredByteCount <= server.limits.lingerByteCount else {
                return .close
            }
        }
        return .blocked
    }
}
