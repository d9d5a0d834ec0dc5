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

    /// What follows the mount in the label of all hosts that nobody listed.
    static let unlisted = "elsewhere"

    fileprivate struct State {
        var breakers: [String: Breaker] = [:]
        var outages: [String: Ongoing] = [:]
        var journal = OutageJournal()
        /// The requests that were answered in outages, by mount.
        var served: [String: Int] = [:]
        var drills: Set<String> = []
    }

    /// An outage that goes on.
    fileprivate struct Ongoing {
        /// In seconds since 1970.
        var beganAt: Int64
        /// What its mount had served in outages when this process learnt of it.
        let servedBefore: Int
        /// What earlier processes served in it.
        var servedEarlier = 0
        /// What this process served in it, as far as that is in the journal.
        var notedCount = 0
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
                state.outages[upstream] = Ongoing(
                    beganAt: second, servedBefore: state.served(by: upstream))
                state.note(.began, upstream, at: second)
                return .began
            }
            guard outcome == .success,
                let outage = state.outages.removeValue(forKey: upstream)
            else { return .none }
            let row = state.row(upstream, outage, endedAt: second)
            state.note(.ended(servedCount: state.unnoted(upstream, outage)), upstream, at: second)
            return .ended(row)
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

    /// Whether an outage of a mount's upstream, or of a listed host of its files, goes on.
    func isDownSomewhere(_ mount: String) -> Bool {
        state.withLock { state in
            guard !state.outages.isEmpty else { return false }
            return state.outages.keys.contains { State.mount(of: $0) == mount && State.counts($0) }
        }
    }

    /// Whether any outage goes on.
    var isDownAnywhere: Bool { state.withLock { !$0.outages.isEmpty } }

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
            open.filter { outage in
                let known = state.outages[outage.upstream]
                var ongoing =
                    known
                    ?? Ongoing(
                        beganAt: outage.beganAt, servedBefore: state.served(by: outage.upstream))
                ongoing.beganAt = min(ongoing.beganAt, outage.beganAt)
                ongoing.servedEarlier = max(outage.servedCount - ongoing.notedCount, 0)
                state.outages[outage.upstream] = ongoing
                return known == nil
            }
        }
    }

    /// The outages that go on, by their upstreams' order.
    ///
    /// Hosts that nobody listed are nobody's upstream: those are not among them.
    var outages: [Outage] {
        state.withLock { state in
            state.outages.filter { State.counts($0.key) }
                .map { state.row($0.key, $0.value, endedAt: nil) }
                .sorted { $0.upstream < $1.upstream }
        }
    }

    // MARK: Rows of outages

    /// Puts into the journal what was served in outages since the last call.
    func noteServed() {
        state.withLock { state in
            for (upstream, outage) in state.outages {
                let count = state.unnoted(upstream, outage)
                guard count > 0 else { continue }
                state.note(.served(count), upstream, at: outage.beganAt)
                state.outages[upstream]?.notedCount += count
            }
        }
    }

    /// Works with what is still to be written, under the lock of all this.
    func withJournal<Value: Sendable>(_ work: (inout OutageJournal) -> Value) -> Value {
        state.withLock { work(&$0.journal) }
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

    /// Whether this label is that of one upstream, or of a host that somebody listed.
    fileprivate static func counts(_ upstream: String) -> Bool {
        !upstream.hasSuffix(" \(UpstreamHealth.unlisted)")
    }

    fileprivate func served(by upstream: String) -> Int {
        Self.counts(upstream) ? served[String(Self.mount(of: upstream)), default: 0] : 0
    }

    fileprivate mutating func note(_ kind: OutageNote.Kind, _ upstream: String, at second: Int64) {
        guard Self.counts(upstream) else { return }
        journal.append(OutageNote(kind: kind, upstream: upstream, second: second))
    }

    /// What this process served in an outage and is not in the journal yet.
    fileprivate func unnoted(_ upstream: String, _ outage: UpstreamHealth.Ongoing) -> Int {
        served(by: upstream) - outage.servedBefore - outage.notedCount
    }

    fileprivate func row(
        _ upstream: String, _ outage: UpstreamHealth.Ongoing, endedAt: Int64?
    ) -> Outage {
        Outage(
            upstream: upstream, beganAt: outage.beganAt, endedAt: endedAt,
            servedCount: outage.servedEarlier + served(by: upstream) - outage.servedBefore)
    }
}
