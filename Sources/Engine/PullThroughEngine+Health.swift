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

    /// Records that a client waited its whole budget for a fill, which counts once.
    ///
    /// It shows an outage where the upstream did not even begin to answer, or where its answer
    /// creeps; a long page from a living one is none, nor is what our own stores take.
    func note(lateness fill: Fill, of upstream: String?) {
        guard fill.hasAnswer || fill.isOverdue(at: time.uptimeNanoseconds) else { return }
        guard fill.noteLateness(), let upstream else { return }
        guard fill.answeredAt.map({ isCreeping(fill, since: $0) }) ?? true else { return }
        note(.budgetSpent, for: upstream)
    }

    /// Whether little has come in the time that a body had.
    private func isCreeping(_ fill: Fill, since answeredAt: UInt64) -> Bool {
        fill.arrivedByteCount < rules.creepingByteCount
            && time.uptimeNanoseconds &- answeredAt >= rules.creepingNanoseconds
    }

    /// The name under which an origin's health is kept: the upstream's own, or with its host.
    ///
    /// Hosts that nobody listed share one: how many there are is not for us to say.
    func healthLabel(_ mount: Mount, _ url: AbsoluteURL) -> String {
        if url.origin == mount.policy.home { return mount.label }
        guard mount.policy.isListed(url) else {
            return "\(mount.label) \(UpstreamHealth.unlisted)"
        }
        return "\(mount.label) \(url.authority)"
    }

    /// Records how an upstream is, and tells where an outage begins or ends.
    func note(_ outcome: Breaker.Outcome, for upstream: String) {
        switch health.record(outcome, for: upstream, at: time.uptimeNanoseconds, time.now) {
        case .none: break
        case .began:
            observer.upstreamChanged(upstream, isUp: false)
            runner.start { await self.writeOutages() }
        case .ended(let outage):
            observer.upstreamChanged(upstream, isUp: true)
            observer.outageEnded(outage)
            runner.start { await self.writeOutages() }
        }
    }

    /// Goes on with the outages that an earlier process, or another one, left open.
    ///
    /// Those of upstreams that are no longer configured end: nobody asks them any more.
    func takeOverOutages() async throws(StoreError) {
        var ours: [Outage] = []
        for outage in try await stores.outages.openOutages() {
            if mounts.contains(where: { $0.owns(outage: outage.upstream) }) {
                ours.append(outage)
            } else {
                _ = try await stores.outages.endOutage(
                    of: outage.upstream, at: time.now, servedCount: 0)
            }
        }
        for outage in health.takeOver(ours) {
            observer.upstreamChanged(outage.upstream, isUp: false)
        }
    }

    /// Writes what was served in outages since the last call, and what could not be written before.
    func flushOutages() async {
        health.noteServed()
        await writeOutages()
    }

    /// Writes what is to be written of outages, one thing after the other.
    private func writeOutages() async {
        guard health.withJournal({ $0.startWriting() }) else { return }
        while let note = health.withJournal({ $0.next() }) {
            do throws(StoreError) {
                try await write(note)
                health.withJournal { $0.removeOldest() }
            } catch {
                observer.storeFailed(error)
                return health.withJournal { $0.stopWriting() }
            }
        }
    }

    private func write(_ note: OutageNote) async throws(StoreError) {
        switch note.kind {
        case .began:
            try await stores.outages.beginOutage(of: note.upstream, at: note.second)
        case .served(let count):
            try await stores.outages.countServed(count, inOutageOf: note.upstream)
        case .ended(let count):
            _ = try await stores.outages.endOutage(
                of: note.upstream, at: note.second, servedCount: count)
        }
    }

    // MARK: What is served in outages

    /// Whether an outage goes on of the upstream of a document, or of one of those that it is made of.
    func isDown(_ subject: Subject) -> Bool {
        guard health.isDownAnywhere else { return false }
        return subject.mount.sources(ofDocument: subject.resource?.name ?? "")
            .contains { health.isDown($0) }
    }

    /// Counts an answer that was served in an outage, for each upstream that it came from.
    func countServed(_ record: RequestRecord) {
        let merging = mounts.first { $0.merging != nil && $0.label == record.upstream }
        guard let merging else { return health.countServed(by: record.upstream) }
        for label in merging.sources(ofDocument: record.resource) where health.isDown(label) {
            health.countServed(by: label)
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
