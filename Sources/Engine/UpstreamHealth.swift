internal import CacheRules
import Synchronization

/// The breakers of all upstreams, by label.
final class UpstreamHealth: Sendable {
    private let breakers = Mutex<[String: Breaker]>([:])

    func permission(for upstream: String, at now: UInt64) -> Breaker.Permission {
        breakers.withLock { $0[upstream, default: Breaker()].permission(at: now) }
    }

    func record(_ outcome: Breaker.Outcome, for upstream: String, at now: UInt64) -> Breaker.Change
    {
        breakers.withLock { $0[upstream, default: Breaker()].record(outcome, at: now) }
    }

    /// Whether it is not worth asking now what cannot be asked in the background; takes no probe.
    func isDown(_ upstream: String, at now: UInt64) -> Bool {
        breakers.withLock { $0[upstream]?.isDown(at: now) ?? false }
    }

    func isDown(_ upstream: String) -> Bool {
        breakers.withLock { $0[upstream]?.isOpen ?? false }
    }
}
