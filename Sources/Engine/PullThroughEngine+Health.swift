internal import Backends
internal import CacheRules
internal import HTTPModel
internal import Resources

/// What is known of how upstreams are, and what is told of it.
extension PullThroughEngine {
    /// Records that a client waited its whole budget for an upstream that did not even begin to
    /// answer; a long page from a living one is no outage.
    func note(lateness pending: Pending) {
        guard let upstream = pending.memory.validating, !pending.fill.hasAnswer else { return }
        note(.budgetSpent, for: upstream)
    }

    /// The name under which an origin's health is kept: the upstream's own, or with its host.
    ///
    /// Hosts that nobody listed share one: how many there are is not for us to say.
    func healthLabel(_ mount: Mount, _ url: AbsoluteURL) -> String {
        if url.origin == mount.policy.home { return mount.label }
        guard mount.policy.isListed(url) else { return "\(mount.label) elsewhere" }
        return "\(mount.label) \(url.authority)"
    }

    /// Records how an upstream is, and tells where an outage begins or ends.
    func note(_ outcome: Breaker.Outcome, for upstream: String) {
        let change = health.record(outcome, for: upstream, at: time.uptimeNanoseconds)
        guard change != .none else { return }
        observer.upstreamChanged(upstream, isUp: change == .closed)
        let now = time.now
        runner.start { await self.record(outageOf: upstream, change, at: now) }
    }

    private func record(outageOf upstream: String, _ change: Breaker.Change, at now: Int64) async {
        do throws(StoreError) {
            if change == .opened {
                try await stores.outages.beginOutage(of: upstream, at: now)
            } else {
                _ = try await stores.outages.endOutage(of: upstream, at: now, servedCount: 0)
            }
        } catch {
            observer.storeFailed(error)
        }
    }

    func record(_ event: StoredEvent) async {
        do {
            try await stores.events.record(event)
        } catch {
            observer.storeFailed(error)
        }
    }
}
