internal import Backends
internal import CacheRules
internal import Resources

/// How fetches of documents begin, and how many of them our own stores let pass.
extension PullThroughEngine {
    /// Starts or joins the fetch of a document; with a held copy the client waits its budget only.
    ///
    /// Nil when too many are under way.
    func fetchDocument(
        _ inquiry: Inquiry, _ subject: Subject, held: StoredResponse?
    ) -> Answer? {
        // Whoever may not wait has the stored one at once, not a place in the queue of another's fetch.
        guard held == nil || inquiry.mayBegin else { return nil }
        let isPassing = held == nil && inquiry.memory.isLookupBroken
        guard
            let (fill, isLeader) = startFetch(
                subject, held: held, isPassing: isPassing, mayBegin: inquiry.mayBegin)
        else { return nil }
        var status = CacheStatus(forward: held == nil ? .uriMiss : .stale)
        status.isStored = held == nil
        status.isCollapsed = !isLeader
        if !isLeader { observer.requestCollapsed() }
        var asking = inquiry
        asking.memory.status = status
        asking.memory.isAsking = true
        guard held != nil else { return waiting(for: fill, asking) }
        asking.memory.validating = subject.mount.upstreamLabel
        return waiting(
            for: fill, asking, until: time.uptimeNanoseconds &+ rules.validationBudget)
    }

    /// Starts or joins the fetch of a document; nil when too many are under way.
    ///
    /// With `isPassing` it is one that our own stores should spare the upstream; `end` is until when
    /// another server's fetch is waited for, in nanoseconds of uptime, where that is not as ever.
    func startFetch(
        _ subject: Subject, held: StoredResponse?, for purpose: FetchPurpose = .news,
        isPassing: Bool = false, turnBy end: UInt64? = nil, mayBegin: Bool = true
    ) -> (fill: Fill, isLeader: Bool)? {
        switch pages.join(subject.key, mayBegin: mayBegin) {
        case .follower(let fill): return (fill, false)
        case .full: return nil
        case .leader(let fill):
            let job = job(of: fill, subject, held: held, for: purpose, turnBy: end)
            let isStarted = start(job, for: fill, isPassing: isPassing) {
                self.drop(fill, for: subject.key)
            }
            return isStarted ? (fill, true) : nil
        }
    }

    private func drop(_ fill: Fill, for key: CacheKey) {
        pages.remove(fill, for: key)
        fill.fail(.busy)
    }

    /// Starts the job of a fill; where too many pass our broken stores already, calls `refuse` instead.
    func start(
        _ job: @escaping FillRunner.Job, for fill: Fill, isPassing: Bool, orElse refuse: () -> Void
    ) -> Bool {
        guard isPassing else {
            runner.start(for: fill, job)
            return true
        }
        guard passing.take() else {
            refuse()
            return false
        }
        runner.start(for: fill) {
            await job()
            self.passing.give()
        }
        return true
    }
}
