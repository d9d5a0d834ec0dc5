internal import HTTPModel
internal import Linux

extension EventLoop {
    /// Connections that one event accepts, before the others have their turn.
    private static let acceptsPerTurn = 64
    /// Refused connections that are kept open a moment, so that their answer arrives.
    private static let refusedLimit = 256

    /// Accepts waiting connections; the event comes again while there are more.
    func acceptWaiting() -> Waiting {
        guard let listener, listensAgainAt == nil else { return .none }
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.accept() {
            case .nobody: return .none
            case .lost: continue
            case .exhausted:
                guard refuseWithReserve(listener) else {
                    pauseListening(listener)
                    return .none
                }
            case .connection(let socket, let peer):
                let blocks = server.limits.unlimitedPeers
                let isUnlimited = blocks.contains { $0.contains(peer.address) }
                switch server.counter.enter(peer.network, isUnlimited: isUnlimited) {
                case .admitted: open(socket, peer: peer)
                case .refused: refuse(socket)
                }
            }
        }
        return .more
    }

    /// What is left in the kernel's queue.
    enum Waiting {
        case none, more
    }

    func closeListener() {
        if let listener {
            epoll.remove(listener)
            listener.stop()
        }
        listener = nil
        listensAgainAt = nil
    }

    func listenAgain() {
        listensAgainAt = nil
        guard let listener else { return }
        do throws(Errno) {
            try epoll.add(listener, token: Self.listenerToken)
        } catch {
            listensAgainAt = now + 100_000_000
        }
    }

    /// Stops listening for a moment, since the event would come again at once (case L-8).
    private func pauseListening(_ listener: ListeningSocket) {
        epoll.remove(listener)
        listensAgainAt = now + 100_000_000
    }

    private func open(_ socket: consuming Socket, peer: PeerAddress) {
        guard let connection = register(socket, peer: peer) else {
            server.counter.leave(peer.network)
            return
        }
        guard server.tls != nil else {
            setDeadline(now + server.limits.idleTimeout.nanoseconds, for: connection)
            return
        }
        connection.stage = .handshaking
        setDeadline(now + server.limits.headTimeout.nanoseconds, for: connection)
    }

    /// Answers 503 and closes, without ever waiting for the peer; under TLS, where an answer would
    /// need a handshake first, it only closes.
    private func refuse(_ socket: consuming Socket) {
        guard server.tls == nil else { return }
        let text = OwnReplies.refusedConnection
        _ = socket.send(text.span, then: .nothing)
        guard refusedCount < Self.refusedLimit else { return }
        socket.endSending()
        guard let connection = register(socket, peer: nil) else { return }
        refusedCount += 1
        connection.stage = .lingering
        setDeadline(now + server.limits.lingerTimeout.nanoseconds, for: connection)
    }

    /// Uses the descriptor that was kept back, so that the peer hears something and the queue of
    /// the kernel gets shorter.
    private func refuseWithReserve(_ listener: ListeningSocket) -> Bool {
        var wasRefused = false
        reserve.lend {
            guard case .connection(let socket, _) = listener.accept() else { return }
            // What came already is taken, or closing would be a reset that overtakes the answer.
            _ = socket.receive(into: &scratch)
            let text = OwnReplies.refusedConnection
            if server.tls == nil { _ = socket.send(text.span, then: .nothing) }
            wasRefused = true
        }
        return wasRefused
    }

    private func register(_ socket: consuming Socket, peer: PeerAddress?) -> Connection? {
        let token = connections.reserve()
        let connection = Connection(socket, token: token, peer: peer, limits: server.limits.head)
        connections.insert(connection)
        do throws(Errno) {
            try epoll.add(connection.socket, token: token)
            return connection
        } catch {
            connections.remove(token)
            return nil
        }
    }
}
