internal import Backends
internal import CacheRules
internal import Synchronization

/// The breakers of all upstreams, by label, their outages, and what drills cut off.
///
/// An outage lasts from the moment when its breaker opens to the next success, also over a restart
/// in between: those that the database has as open are taken over (``takeOver(_:)``).
final class UpstreamHealth: Sendable {
    /// What an outcome did to the outage of its upstream.
    enum Change: Sendable, Hashable {
        case none
        case began
        case ended(Outage)
    }

    fileprivate struct State {
        var breakers: [String: Breaker] = [:]
        /// When each outage that goes on began, in seconds since 1970, and what was served before.
        var outages: [String: (beganAt: Int64, servedBefore: Int)] = [:]
        /// The requests that were answered in outages, by mount.
        var served: [String: Int] = [:]
        var drills: Set<String> = []
    }

    private let state = Mutex(State())

    // MARK: Breakers

    func permission(for upstream: String, at now: UInt64) -> Breaker.Permission {
        state.withLock { $0.breakers[upstream, default: Breaker()].permission(at: now) }
    }

    /// Records an outcome at a moment of uptime, in nanoseconds, and of the calendar, in seconds.
    func record(
        _ outcome: Breaker.Outcome, for upstream: String, at now: UInt64, _ second: Int64
    ) -> Change {
        state.withLock { state in
            let change = state.breakers[upstream, default: Breaker()].record(outcome, at: now)
            if change == .opened, state.outages[upstream] == nil {
                state.outages[upstream] = (second, state.served(by: upstream))
            }
            guard outcome == .success else { return change == .opened ? .began : .none }
            guard let outage = state.outages.removeValue(forKey: upstream) else { return .none }
            return .ended(state.row(upstream, outage, endedAt: second))
        }
    }

    /// Whether it is not worth asking now what cannot be asked in the background; takes no probe.
    func isDown(_ upstream: String, at now: UInt64) -> Bool {
        state.withLock { $0.breakers[upstream]?.isDown(at: now) ?? false }
    }

    // MARK: Outages

    /// Whether an outage of this upstream goes on.
    func isDown(_ upstream: String) -> Bool {
        state.withLock { $0.outages[upstream] != nil }
    }

    /// Whether an outage of a mount's upstream, or of a host of its files, goes on.
    func isDownSomewhere(_ mount: String) -> Bool {
        state.withLock { state in
            guard !state.outages.isEmpty else { return false }
            return state.outages.keys.contains { State.mount(of: $0) == mount }
        }
    }

    /// Counts an answer that was served in an outage.
    func countServed(by mount: String) {
        state.withLock { $0.served[mount, default: 0] += 1 }
    }

    /// Goes on with outages that an earlier process left open.
    ///
    /// Their breakers stay closed: nobody knows how the upstream is by now, and the first who asks
    /// finds out.
    ///
    /// - Returns: Those that this process did not know.
    func takeOver(_ open: [Outage]) -> [Outage] {
        state.withLock { state in
            let unknown = open.filter { state.outages[$0.upstream] == nil }
            for outage in unknown {
                let before = state.served(by: outage.upstream)
                state.outages[outage.upstream] = (outage.beganAt, before)
            }
            return unknown
        }
    }

    /// The outages that go on, by their upstreams' order.
    var outages: [Outage] {
        state.withLock { state in
            state.outages.map { state.row($0.key, $0.value, endedAt: nil) }
                .sorted { $0.upstream < $1.upstream }
        }
    }

    // MARK: Drills

    /// Whether a mount's upstream is cut off.
    func isCut(_ mount: String) -> Bool { state.withLock { $0.drills.contains(mount) } }

    var drills: Set<String> { state.withLock { $0.drills } }

    /// Cuts these off, and no others.
    ///
    /// - Returns: For which of them that is new, and which are no longer cut off.
    func drill(_ upstreams: Set<String>) -> (began: [String], ended: [String]) {
        state.withLock { state in
            defer { state.drills = upstreams }
            return (
                upstreams.subtracting(state.drills).sorted(),
                state.drills.subtracting(upstreams).sorted()
            )
        }
    }
}

extension UpstreamHealth.State {
    /// The mount whose upstream, or host of files, has this label.
    fileprivate static func mount(of upstream: String) -> Substring {
        upstream.prefix { $0 != " " }
    }

    fileprivate func served(by upstream: String) -> Int {
        served[String(Self.mount(of: upstream)), default: 0]
    }

    fileprivate func row(
        _ upstream: String, _ outage: (beganAt: Int64, servedBefore: Int), endedAt: Int64?
    ) -> Outage {
        Outage(
            upstream: upstream, beganAt: outage.beganAt, endedAt: endedAt,
            servedCount: served(by: upstream) - outage.servedBefore)
    }
}
