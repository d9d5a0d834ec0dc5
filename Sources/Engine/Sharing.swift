package import Backends
internal import Resources
internal import Synchronization

/// What an engine needs where other servers work on the same database.
package struct Sharing: Sendable {
    package let responses: any SharedResponses
    /// Nil where every server has blobs of its own: what another one fetches is of no use then.
    package let leases: (any FetchLeases)?
    /// This process, among those that take leases.
    package let holder: String

    package init(
        responses: any SharedResponses, leases: (any FetchLeases)?, holder: String
    ) {
        self.responses = responses
        self.leases = leases
        self.holder = holder
    }
}

/// The leases that this process holds, and whether it is worth asking for more.
final class LeaseBook: Sendable {
    private struct State {
        var held: Set<CacheKey> = []
        /// In nanoseconds of uptime.
        var restsUntil: UInt64 = 0
    }

    private let state = Mutex(State())

    var held: [CacheKey] { state.withLock { Array($0.held) } }

    func isResting(at now: UInt64) -> Bool { state.withLock { now < $0.restsUntil } }

    func rest(until end: UInt64) { state.withLock { $0.restsUntil = end } }

    func add(_ key: CacheKey) { state.withLock { _ = $0.held.insert(key) } }

    func remove(_ key: CacheKey) { state.withLock { _ = $0.held.remove(key) } }
}
