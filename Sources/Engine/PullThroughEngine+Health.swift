package import Backends
internal import CacheRules
internal import HTTPModel
internal import Resources

/// What is known of how upstreams are, and what is told of it.
extension PullThroughEngine {
    /// The outages that go on, as far as this process knows, by their upstreams' order.
    package var outages: [Outage] { health.outages }

    /// The labels of the upstreams that a drill cuts off, in their order.
    package var drills: [String] { health.drills.sorted() }

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
        let now = time.now
        switch health.record(outcome, for: upstream, at: time.uptimeNanoseconds, now) {
        case .none: break
        case .began:
            observer.upstreamChanged(upstream, isUp: false)
            runner.start { await self.keepRow(ofOutage: upstream, since: now) }
        case .ended(let outage):
            observer.upstreamChanged(upstream, isUp: true)
            observer.outageEnded(outage)
            runner.start { await self.closeRow(of: outage, at: now) }
        }
    }

    /// Goes on with the outages that an earlier process, or another one, left open.
    func takeOverOutages() async {
        do throws(StoreError) {
            for outage in health.takeOver(try await stores.outages.openOutages()) {
                observer.upstreamChanged(outage.upstream, isUp: false)
            }
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Opens the row of an outage; when that has ended meanwhile, ``closeRow(of:at:)`` writes it.
    private func keepRow(ofOutage upstream: String, since second: Int64) async {
        do throws(StoreError) {
            guard health.isDown(upstream) else { return }
            try await stores.outages.beginOutage(of: upstream, at: second)
            guard !health.isDown(upstream) else { return }
            _ = try await stores.outages.endOutage(of: upstream, at: time.now, servedCount: 0)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Closes the row of an outage, which need not be there yet: it may have been a short one, or
    /// the database was out of order when it began.
    private func closeRow(of outage: Outage, at second: Int64) async {
        do throws(StoreError) {
            try await stores.outages.beginOutage(of: outage.upstream, at: outage.beganAt)
            _ = try await stores.outages.endOutage(
                of: outage.upstream, at: second, servedCount: outage.servedCount)
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
