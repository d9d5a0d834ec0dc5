internal import Backends
internal import Synchronization

/// A turn that may come too late for the one who waits for it.
final class AwaitedTurn: Sendable {
    private struct State {
        var turn: Turn?
        var isGivenUp = false
    }

    private let state = Mutex(State())
    private let bell = Fill()

    /// Gives the turn to the one who waits; returns whether somebody still does.
    func come(_ turn: Turn) -> Bool {
        let isAwaited = state.withLock { state in
            guard !state.isGivenUp else { return false }
            state.turn = turn
            return true
        }
        bell.settle()
        return isAwaited
    }

    /// The turn, or everybody's where it does not come in time.
    func turn(within limit: Duration, _ time: any TimeSource) async -> Turn {
        _ = await bell.isOver(within: limit, time)
        return state.withLock { state in
            state.isGivenUp = state.turn == nil
            return state.turn ?? .free
        }
    }
}
