internal import Resources
import Synchronization

/// The fills under way by key: many requests, one forward request (RFC 9211's `collapsed`).
///
/// A failure is never remembered here: the next request starts afresh.
final class FillTable: Sendable {
    enum Place: Sendable {
        /// The caller runs the fill.
        case leader(Fill)
        case follower(Fill)
        /// As many as allowed are under way.
        case full
    }

    private struct State {
        var running: [CacheKey: Fill] = [:]
        /// Fills that nobody can join, such as relays that have begun; they count until they end.
        var detached: [ObjectIdentifier: Fill] = [:]
        var isClosed = false

        var count: Int { running.count + detached.count }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place in the fill for `key`, without suspending and without running the fill.
    ///
    /// Without `mayBegin` only one that is under way.
    func join(_ key: CacheKey, mayBegin: Bool = true) -> Place {
        state.withLock { state in
            if let fill = state.running[key] { return .follower(fill) }
            guard mayBegin, !state.isClosed, state.count < limit else { return .full }
            let fill = Fill()
            state.running[key] = fill
            return .leader(fill)
        }
    }

    /// The fill for `key` that can be joined, if one is under way.
    func find(_ key: CacheKey) -> Fill? { state.withLock { $0.running[key] } }

    /// A place for a fill that nobody else can join; nil when there is none.
    func start() -> Fill? {
        state.withLock { state in
            guard !state.isClosed, state.count < limit else { return nil }
            let fill = Fill()
            state.detached[ObjectIdentifier(fill)] = fill
            return fill
        }
    }

    /// Removes a fill of ``start()``.
    func remove(_ fill: Fill) {
        state.withLock { $0.detached[ObjectIdentifier(fill)] = nil }
    }

    /// Removes this very fill, so that the next request asks anew.
    func remove(_ fill: Fill, for key: CacheKey) {
        state.withLock { state in
            if state.running[key] === fill { state.running[key] = nil }
            state.detached[ObjectIdentifier(fill)] = nil
        }
    }

    /// Lets the next request start anew while this fill goes on for those who have it.
    func detach(_ fill: Fill, for key: CacheKey) {
        state.withLock { state in
            guard state.running[key] === fill else { return }
            state.running[key] = nil
            state.detached[ObjectIdentifier(fill)] = fill
        }
    }

    /// The fills whose body is whole, and still being stored.
    var beingStored: [Fill] {
        state.withLock { state in
            (Array(state.running.values) + state.detached.values).filter(\.isBeingStored)
        }
    }

    var count: Int { state.withLock { $0.count } }

    /// Fails everything under way and takes nothing more; on shutdown this comes first and wakes
    /// every follower.
    func close(_ failure: FillFailure) {
        let fills = state.withLock { state in
            state.isClosed = true
            defer {
                state.running = [:]
                state.detached = [:]
            }
            // In an order that a test can repeat.
            let running = state.running.sorted { $0.key.text < $1.key.text }
            return running.map(\.value) + Array(state.detached.values)
        }
        for fill in fills { fill.fail(failure) }
    }
}
