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

    private let running = Mutex<[CacheKey: Fill]>([:])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place in the fill for `key`, without suspending and without running the fill.
    func join(_ key: CacheKey) -> Place {
        running.withLock { running in
            if let fill = running[key] { return .follower(fill) }
            guard running.count < limit else { return .full }
            let fill = Fill()
            running[key] = fill
            return .leader(fill)
        }
    }

    /// Removes this very fill, so that the next request asks anew.
    func remove(_ fill: Fill, for key: CacheKey) {
        running.withLock { running in
            if running[key] === fill { running[key] = nil }
        }
    }

    var count: Int { running.withLock { $0.count } }

    /// Fails everything under way; on shutdown this comes first and wakes every follower.
    func failAll(_ failure: FillFailure) {
        let fills = running.withLock { running in
            defer { running = [:] }
            return Array(running.values)
        }
        for fill in fills { fill.fail(failure) }
    }
}
