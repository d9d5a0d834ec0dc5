internal import Linux
internal import Synchronization

/// Counts the connections of all loops, in all and by peer; asked only when one opens or closes.
final class ConnectionCounter: Sendable {
    private let limit: Int
    private let limitPerPeer: Int
    private let state = Mutex(State())

    private struct State: Sendable {
        var count = 0
        var byPeer: [PeerAddress: Int] = [:]
    }

    init(limit: Int, perPeer: Int) {
        self.limit = limit
        limitPerPeer = perPeer
    }

    var count: Int { state.withLock { $0.count } }

    enum Entry: Sendable {
        case admitted, refused
    }

    /// Counts a connection, unless that would be one too many; a peer that is `isUnlimited` may have
    /// as many as there are in all.
    func enter(_ peer: PeerAddress, isUnlimited: Bool = false) -> Entry {
        state.withLock { state in
            let own = state.byPeer[peer, default: 0]
            guard state.count < limit, isUnlimited || own < limitPerPeer else { return .refused }
            state.count += 1
            state.byPeer[peer] = own + 1
            return .admitted
        }
    }

    /// Takes back one ``enter(_:)`` that was admitted.
    func leave(_ peer: PeerAddress) {
        state.withLock { state in
            state.count -= 1
            let own = state.byPeer[peer, default: 1] - 1
            state.byPeer[peer] = own > 0 ? own : nil
        }
    }
}
