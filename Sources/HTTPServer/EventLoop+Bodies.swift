internal import Engine
internal import HTTPModel
internal import HTTPWire
internal import Linux

extension EventLoop {
    /// Bytes of one body that are received before the other connections have their turn.
    static let bytesPerTurn = 256 << 10
    /// What a receive counts at least against that.
    static let leastPiece = 1_024

    /// Decides about the body of a request whose head was read.
    ///
    /// Only a POST can have a body that is wanted. That of another writing method, which is about to
    /// be refused, is not waited for: it is read away after the answer. A GET has none in practice,
    /// so that a fault in it is answered before anything else is.
    func beginBody(_ head: ParsedHead, _ connection: Connection, _ exchange: Exchange) -> Step {
        let request = exchange.request
        if request.method == .post, let limit = server.responder.bodyLimit(for: request) {
            return beginCollecting(head, limit, connection, exchange)
        }
        guard head.framing != .none else { return answer(connection, exchange) }
        // A client that waits for 100 keeps its body when it gets the answer instead.
        let limit = server.limits.drainedBodyByteCount
        guard !head.expectsContinue, let drain = BodyDrain(head.framing, limit: limit) else {
            exchange.closes = true
            exchange.leavesBody = true
            return answer(connection, exchange)
        }
        connection.drain = drain
        switch request.method {
        case .get, .head, .options:
            beginDraining(connection)
            return .next
        case .post, .put, .delete, .other: return answer(connection, exchange)
        }
    }

    // MARK: A body that is wanted

    private func beginCollecting(
        _ head: ParsedHead, _ limit: Int, _ connection: Connection, _ exchange: Exchange
    ) -> Step {
        guard head.framing != .none else {
            return answer(connection, exchange, with: RequestBody([]))
        }
        let most = min(limit, server.limits.bodyByteCount)
        let lease = ByteLease(server.bodyBudget)
        guard let collection = BodyCollection(head.framing, limit: most, lease) else {
            return turnAway(OwnReplies.bodyTooLong, connection, exchange)
        }
        connection.collection = collection
        watchBody(connection, until: now + server.limits.bodyTimeout.nanoseconds)
        // Not needed where some of the body has come already (RFC 9110 section 10.1.1).
        guard head.expectsContinue, connection.input.isEmpty else {
            connection.stage = .collecting
            return .next
        }
        connection.outgoing.queue(framing: ResponseHeadWriter.goAhead)
        connection.stage = .inviting
        return .next
    }

    /// Begins or goes on to measure how fast a body comes.
    private func watchBody(_ connection: Connection, until end: UInt64) {
        connection.bodyWatch = Connection.BodyWatch(
            end: end, start: now, byteCount: connection.collection?.takenByteCount ?? 0)
        setDeadline(min(end, now + server.limits.bodyWindow.nanoseconds), for: connection)
    }

    /// A window of ``watchBody(_:until:)`` is over, or all of the body's time.
    func judgeBody(_ connection: Connection) {
        guard let watch = connection.bodyWatch, let collection = connection.collection,
            now < watch.end,
            collection.takenByteCount - watch.byteCount
                >= server.limits.minimumBodyRate * Int((now - watch.start) / 1_000_000) / 1_000
        else { return settle(refuse(connection, .timedOut), connection) }
        watchBody(connection, until: watch.end)
    }

    /// Sends `100 Continue`.
    func invite(_ connection: Connection) -> Step {
        var budget = server.limits.turnByteCount
        switch connection.outgoing.flush(to: connection, budget: &budget) {
        case .flushed:
            connection.outgoing = Outgoing()
            connection.stage = .collecting
            return .next
        case .blocked: return .blocked
        case .spent: return .yield
        case .broken: return .breakOff
        }
    }

    /// Collects the body, and asks the responder once it is whole.
    func collectBody(_ connection: Connection) -> Step {
        guard let exchange = connection.exchange else { return .close }
        var budget = Self.bytesPerTurn
        while true {
            if let step = receiveBody(connection, &budget) { return step }
            let bytes = connection.input.bytes
            let rest = bytes.span.extracting(connection.input.start..<bytes.count)
            let taken: (used: Int, BodyCollection.Progress)?
            do throws(WireFault) {
                taken = try connection.collection?.take(rest)
            } catch {
                return refuse(connection, error)
            }
            guard let (used, progress) = taken else { return .close }
            connection.input.consume(used)
            switch progress {
            case .more: continue
            case .done(let body):
                connection.collection = nil
                return answer(connection, exchange, with: body)
            case .tooLong: return turnAway(OwnReplies.bodyTooLong, connection, exchange)
            case .noRoom: return turnAway(OwnReplies.noRoomForBody, connection, exchange)
            }
        }
    }

    /// Answers instead of reading the rest of a body, and closes.
    private func turnAway(
        _ refusal: Refusal, _ connection: Connection, _ exchange: Exchange
    ) -> Step {
        connection.collection = nil
        exchange.closes = true
        exchange.leavesBody = true
        exchange.isAnswered = true
        return begin(server.responder.word(refusal, for: exchange.request), connection, exchange)
    }

    /// Makes sure that there are bytes in the input; a step when there are none now.
    private func receiveBody(_ connection: Connection, _ budget: inout Int) -> Step? {
        guard connection.input.isEmpty else { return nil }
        guard budget > 0 else { return .yield }
        guard connection.hasBytes else { return .blocked }
        guard let count = receive(connection) else { return .close }
        guard count > 0 else { return .blocked }
        connection.input.append(scratch, 0..<count)
        budget -= max(count, Self.leastPiece)
        return nil
    }

    // MARK: A body that is not

    /// Begins to read a body away, before the answer or after it.
    func beginDraining(_ connection: Connection) {
        connection.stage = .draining
        setDeadline(now + server.limits.headTimeout.nanoseconds, for: connection)
    }

    func drainBody(_ connection: Connection) -> Step {
        var budget = Self.bytesPerTurn
        while true {
            if let step = receiveBody(connection, &budget) { return step }
            let progress: BodyDrain.Progress
            do throws(WireFault) {
                progress = try drainInput(connection)
            } catch {
                // After the answer there is nothing left to say.
                guard connection.exchange != nil else { return beginLingering(connection) }
                return refuse(connection, error)
            }
            if case .more = progress { continue }
            connection.drain = nil
            guard let exchange = connection.exchange else {
                guard case .done = progress else { return beginLingering(connection) }
                connection.stage = .reading
                return .next
            }
            if case .tooLong = progress {
                exchange.closes = true
                exchange.leavesBody = true
            }
            return answer(connection, exchange)
        }
    }

    private func drainInput(_ connection: Connection) throws(WireFault) -> BodyDrain.Progress {
        let bytes = connection.input.bytes
        let rest = bytes.span.extracting(connection.input.start..<bytes.count)
        guard let (used, progress) = try connection.drain?.take(rest) else { return .tooLong }
        connection.input.consume(used)
        return progress
    }
}
