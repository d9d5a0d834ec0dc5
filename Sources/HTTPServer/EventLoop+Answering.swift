internal import Engine
internal import HTTPModel
internal import HTTPWire
internal import Linux
internal import Synchronization
internal import TLS

extension EventLoop {
    /// Asks the responder about a request, with its body where it wanted that.
    func answer(
        _ connection: Connection, _ exchange: Exchange, with body: RequestBody? = nil
    ) -> Step {
        exchange.isAnswered = true
        let hasPlace = server.hasWaitingPlace
        guard let body else {
            let answer = server.responder.answer(exchange.request, mayBegin: hasPlace)
            return handle(answer, connection, exchange, mayWait: hasPlace)
        }
        // What a body goes on to is always waited for.
        guard hasPlace else { return refuseWaiting(connection, exchange) }
        return handle(server.responder.answer(exchange.request, body: body), connection, exchange)
    }

    private func refuseWaiting(_ connection: Connection, _ exchange: Exchange) -> Step {
        let refusal = OwnReplies.tooManyWaiting
        return begin(server.responder.word(refusal, for: exchange.request), connection, exchange)
    }

    /// Goes on after a wake-up or a deadline of a wait.
    func resume(_ connection: Connection, after reason: ResumeReason) {
        switch connection.stage {
        case .sending:
            connection.outgoing.follow?.isParked = false
            advance(connection)
        case .waiting:
            guard let exchange = connection.exchange, let pending = exchange.pending else { return }
            exchange.pending = nil
            connection.ticket += 1
            let answer = server.responder.resume(pending, for: exchange.request, after: reason)
            settle(handle(answer, connection, exchange), connection)
            // Not before it reads, or the fill could take itself for one that nobody wants.
            pending.fill.depart()
        case .handshaking, .reading, .draining, .inviting, .collecting, .lingering, .closed: break
        }
    }

    /// Takes an answer; without `mayWait` one that is pending is refused, unless the request waits
    /// already.
    func handle(
        _ answer: Answer, _ connection: Connection, _ exchange: Exchange, mayWait: Bool = true
    ) -> Step {
        switch answer {
        case .reply(let reply): return begin(reply, connection, exchange)
        case .pending(let pending):
            if !exchange.isCounted {
                guard mayWait else { return refuseWaiting(connection, exchange) }
                server.beginWaiting()
                exchange.isCounted = true
            }
            exchange.pending = pending
            pending.fill.attend()
            connection.stage = .waiting
            setDeadline(pending.deadline ?? .max, for: connection)
            // Parked first, then registered: news in between comes through the inbox.
            pending.fill.wake(wakeUp(connection))
            // The end may have come together with the request.
            return connection.hasPeerEnded ? .close : .blocked
        }
    }

    /// A wake-up for the wait that begins now; older ones are void.
    func wakeUp(_ connection: Connection) -> @Sendable () -> Void {
        connection.ticket += 1
        let message = LoopMessage.news(token: connection.token, ticket: connection.ticket)
        return { [inbox] in inbox.post(message) }
    }

    // MARK: Replies

    /// Queues a reply's head and what is there of its body.
    func begin(_ reply: Reply, _ connection: Connection, _ exchange: Exchange) -> Step {
        exchange.status = reply.status
        exchange.record = reply.record
        exchange.lease = reply.lease
        exchange.known?.keep(reply)
        connection.outgoing = Outgoing()
        connection.stage = .sending
        setDeadline(.max, for: connection)
        let isHead = exchange.method == .head
        switch reply.body {
        case .none, .head: queueHead(reply, nil, connection)
        case .bytes(let bytes):
            queueHead(reply, .length(bytes.count), connection)
            if !isHead, hasBody(reply) { connection.outgoing.queue(bytes) }
        case .file(let file, let range, _):
            queueHead(reply, .length(range.count), connection)
            if !isHead, hasBody(reply) { connection.outgoing.queue(file, range) }
        case .fill(let fill, let from, let to, _):
            guard !isHead, hasBody(reply) else {
                queueHead(
                    reply, to.map { .length($0 - from) } ?? ResponseHead.Framing.none, connection)
                return .next
            }
            let mode: Follow.Mode =
                to != nil ? .counted : exchange.version == .http11 ? .chunked : .measured
            connection.outgoing.follow = Follow(
                fill: fill, reader: FillReader(end: to), from: from, offset: from, end: to,
                mode: mode, reply: reply)
        }
        return .next
    }

    /// Whether a status may have a body at all (RFC 9110 section 6.4.1).
    private func hasBody(_ reply: Reply) -> Bool {
        reply.status != 204 && reply.status != 304
    }

    /// Queues the head of an answer.
    ///
    /// No framing means a body that is none: then nothing for 204 and 304, and a length of 0 for
    /// others, or the client would wait for an end.
    func queueHead(
        _ reply: Reply, _ framing: ResponseHead.Framing?, _ connection: Connection
    ) {
        if server.isDraining.load(ordering: .relaxed) { connection.exchange?.closes = true }
        let isOld = connection.exchange?.version == .http10
        let head = ResponseHead(
            status: reply.status,
            framing: hasBody(reply) ? framing ?? .length(0) : .none,
            connection: connection.exchange?.closes != false
                ? .close : isOld ? .keepAlive : .persistent,
            requestID: connection.exchange?.requestID, phrase: reply.phrase)
        var bytes: [UInt8] = []
        ResponseHeadWriter.append(head, fields: reply.fields, date: dateBytes, to: &bytes)
        connection.outgoing.queue(framing: bytes)
        // Only with the reply whose head this is: another connection's may have been kept meanwhile.
        if reply.terms != nil, head.connection == .persistent, !isOld {
            connection.exchange?.known?.keep(
                head: bytes, second: date.second, requestID: head.requestID)
        }
    }

    /// Answers a request that cannot be read, and closes; nobody is told of it.
    func refuse(_ connection: Connection, _ fault: WireFault) -> Step {
        let request = connection.exchange?.request
        connection.exchange = nil
        connection.drain = nil
        connection.collection = nil
        connection.outgoing = Outgoing()
        connection.stage = .sending
        setDeadline(.max, for: connection)
        let refusal = OwnReplies.fault(fault)
        let reply = request.map { server.responder.word(refusal, for: $0) } ?? refusal.plain
        guard case .bytes(let text) = reply.body else { return .close }
        queueHead(reply, .length(text.count), connection)
        connection.outgoing.queue(text)
        return .next
    }

    // MARK: Ends

    /// The answer is with the kernel whole: go on with the next request, or close.
    func complete(_ connection: Connection) -> Step {
        let closes = connection.exchange?.closes != false
        let leavesBody = connection.exchange?.leavesBody != false || connection.drain != nil
        finish(connection, isComplete: true)
        connection.sendWatch = nil
        guard closes else {
            if connection.drain == nil {
                connection.stage = .reading
            } else {
                beginDraining(connection)
            }
            // A request may have come that no event told of yet: it is still answered.
            if isStopping { connection.hasBytes = true }
            return .next
        }
        // Closing over unread bytes is a reset, which may overtake the answer.
        guard leavesBody || connection.hasBytes || !connection.input.isEmpty else { return .close }
        return beginLingering(connection)
    }

    /// Ends our side, and reads away what still comes.
    func beginLingering(_ connection: Connection) -> Step {
        connection.endSending()
        connection.drain = nil
        connection.input = InputBuffer()
        connection.stage = .lingering
        setDeadline(now + server.limits.lingerTimeout.nanoseconds, for: connection)
        return .next
    }

    /// Tells the responder the end of a request, and leaves its fill.
    private func finish(_ connection: Connection, isComplete: Bool) {
        if let follow = connection.outgoing.follow { follow.fill.leave(follow.reader) }
        let bodyByteCount = connection.outgoing.bodyByteCount
        connection.outgoing = Outgoing()
        guard let exchange = connection.exchange else { return }
        connection.exchange = nil
        exchange.pending?.fill.depart()
        exchange.pending = nil
        if exchange.isCounted { server.endWaiting() }
        guard exchange.isAnswered else { return }
        let outcome = RequestOutcome(
            record: exchange.record, status: exchange.status, bodyBytes: bodyByteCount,
            nanoseconds: SystemClock.monotonicNanoseconds - exchange.start, isComplete: isComplete,
            requestID: exchange.requestID)
        server.responder.finished(exchange.asked.head.request, outcome)
    }

    /// Ends a connection in order; an answer that was under way counts as broken off.
    ///
    /// One that is broken off must not say under TLS that it ends in order.
    func drop(_ connection: Connection, isBrokenOff: Bool = false) {
        guard connection.stage != .closed else { return }
        if connection.stage == .sending, connection.outgoing.hasBegun {
            connection.socket.reset()
        } else if !isBrokenOff {
            connection.session?.endSending()
        }
        connection.stage = .closed
        connection.ticket += 1
        finish(connection, isComplete: false)
        if let peer = connection.peer {
            server.counter.leave(peer.network)
        } else {
            refusedCount -= 1
        }
        connections.remove(connection.token)
    }

    /// Ends a connection with a reset, so that nobody takes what came for the whole.
    func breakOff(_ connection: Connection) {
        connection.socket.reset()
        drop(connection, isBrokenOff: true)
    }
}
