internal import Engine
internal import HTTPWire
internal import Linux

extension EventLoop {
    /// Sends until the socket is full, the turn is over, or there is nothing to send now.
    func send(_ connection: Connection) -> Step {
        var budget = server.limits.turnByteCount
        while true {
            switch connection.outgoing.flush(to: connection, budget: &budget) {
            case .flushed: break
            case .blocked:
                watchReader(connection)
                return .blocked
            case .spent:
                connection.sendWatch = nil
                return .yield
            case .broken: return .breakOff
            }
            guard let follow = connection.outgoing.follow else { return complete(connection) }
            guard budget > 0 else { return .yield }
            if follow.isParked {
                connection.sendWatch = nil
                setDeadline(.max, for: connection)
                return .blocked
            }
            if let step = fetch(follow, connection, limit: budget) { return step }
        }
    }

    // MARK: Following a fill

    /// Queues the next part of a body that is still arriving; nil when sending goes on.
    private func fetch(_ follow: Follow, _ connection: Connection, limit: Int) -> Step? {
        // While the length is being found out nothing is sent, so there is no turn to keep.
        let isMeasuring = follow.mode == .measured && follow.end == nil
        let most = isMeasuring ? Int.max - follow.offset : limit
        let count = min(most, max(1, (follow.end ?? .max) - follow.offset))
        // Parked first, then registered: news in between comes through the inbox.
        connection.outgoing.follow?.isParked = true
        let step = follow.fill.next(
            at: follow.offset, limit: count, reader: follow.reader, orWake: wakeUp(connection))
        if case .wait = step { return park(follow, connection) }
        connection.outgoing.follow?.isParked = false
        switch step {
        case .wait: return nil
        case .file(_, let range) where isMeasuring:
            connection.outgoing.follow?.offset = range.upperBound
        case .bytes where isMeasuring:
            return replaceAnswer(connection, OwnReplies.needsNewerVersion(follow.reply.record))
        case .file(let file, let range):
            queuePiece(range.count, follow, connection)
            connection.outgoing.queue(file, range)
        case .bytes(let bytes):
            queuePiece(bytes.count, follow, connection)
            connection.outgoing.queue(bytes)
        case .end where isMeasuring:
            connection.outgoing.follow?.end = follow.offset
            connection.outgoing.follow?.offset = follow.from
        case .end where follow.end.map({ follow.offset >= $0 }) == true:
            queueHeadOnce(follow, connection)
            return endFollowing(connection)
        case .end:
            // Before the promised length: the client must see that it is short.
            guard follow.mode == .chunked else { return .breakOff }
            queueHeadOnce(follow, connection)
            queueChunkEnd(connection)
            connection.outgoing.queue(framing: ResponseHeadWriter.lastChunk)
            return endFollowing(connection)
        case .failed(let failure): return fail(failure, follow, connection)
        }
        return nil
    }

    private func park(_ follow: Follow, _ connection: Connection) -> Step? {
        if connection.hasPeerEnded { return .close }
        // The last chunk is completed now and not with the next one.
        queueChunkEnd(connection)
        return nil
    }

    private func queuePiece(_ count: Int, _ follow: Follow, _ connection: Connection) {
        queueHeadOnce(follow, connection)
        connection.outgoing.follow?.offset += count
        guard follow.mode == .chunked, count > 0 else { return }
        queueChunkEnd(connection)
        var line: [UInt8] = []
        ResponseHeadWriter.appendChunkStart(count, to: &line)
        connection.outgoing.queue(framing: line)
        connection.outgoing.follow?.owesChunkEnd = true
    }

    private func queueChunkEnd(_ connection: Connection) {
        guard connection.outgoing.follow?.owesChunkEnd == true else { return }
        connection.outgoing.follow?.owesChunkEnd = false
        connection.outgoing.queue(framing: ResponseHeadWriter.chunkEnd)
    }

    /// The head goes out with the first bytes, since until then there may be another answer.
    private func queueHeadOnce(_ follow: Follow, _ connection: Connection) {
        guard !connection.outgoing.hasBegun else { return }
        let framing = follow.end.map { ResponseHead.Framing.length($0 - follow.from) }
        queueHead(follow.reply, framing ?? .chunked, connection)
    }

    /// All of the body is queued; what is left is to flush it.
    private func endFollowing(_ connection: Connection) -> Step? {
        if let follow = connection.outgoing.follow { follow.fill.leave(follow.reader) }
        connection.outgoing.follow = nil
        return nil
    }

    /// A fill failed: when nothing was sent yet there is a better answer than a broken one.
    private func fail(
        _ failure: FillFailure, _ follow: Follow, _ connection: Connection
    ) -> Step? {
        guard !connection.outgoing.hasBegun, let exchange = connection.exchange else {
            return .breakOff
        }
        guard !exchange.isAskedAgain else {
            return replaceAnswer(
                connection, OwnReplies.failure(failure, follow.reply.record))
        }
        exchange.isAskedAgain = true
        // The responder is told of the failure, so that it answers and does not fetch again.
        let failed = Pending(fill: follow.fill)
        _ = endFollowing(connection)
        let answer = server.responder.resume(failed, for: exchange.request, after: .news)
        return handle(answer, connection, exchange, mayWait: server.hasWaitingPlace)
    }

    private func replaceAnswer(_ connection: Connection, _ refusal: Refusal) -> Step {
        _ = endFollowing(connection)
        guard let exchange = connection.exchange else { return .close }
        return begin(server.responder.word(refusal, for: exchange.request), connection, exchange)
    }

    // MARK: Slow readers

    /// Begins or goes on to measure a client that has left the socket full.
    private func watchReader(_ connection: Connection) {
        guard connection.sendWatch == nil else { return }
        connection.sendWatch = Connection.SendWatch(
            start: now, acknowledged: connection.acknowledgedByteCount)
        setDeadline(now + server.limits.sendWindow.nanoseconds, for: connection)
    }

    private func judgeReader(_ connection: Connection) {
        guard let watch = connection.sendWatch else { return }
        let milliseconds = Int((now - watch.start) / 1_000_000)
        let taken = connection.acknowledgedByteCount - watch.acknowledged
        guard taken >= server.limits.minimumSendRate * milliseconds / 1_000 else {
            breakOff(connection)
            return
        }
        connection.sendWatch = nil
        watchReader(connection)
    }

    // MARK: Deadlines

    /// The time for what the connection is doing is over.
    func deadlinePassed(_ connection: Connection) {
        switch connection.stage {
        case .handshaking: drop(connection)
        case .reading where connection.readingSince == nil: drop(connection)
        case .draining where connection.exchange == nil: drop(connection)
        case .inviting: breakOff(connection)
        case .collecting: judgeBody(connection)
        case .reading, .draining: settle(refuse(connection, .timedOut), connection)
        case .waiting: resume(connection, after: .deadline)
        case .sending: judgeReader(connection)
        case .lingering: drop(connection)
        case .closed: break
        }
    }
}
