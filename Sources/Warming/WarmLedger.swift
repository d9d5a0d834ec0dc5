internal import Synchronization
internal import Upkeep

/// What came of one run so far; for all its tasks.
final class WarmLedger: Sendable {
    private struct State {
        var report = WarmReport()
        var transfers: [WantedTransfer] = []
        var progress = UpkeepProgress(phase: "")
    }

    private let state = Mutex(State())
    private let watch: UpkeepWatch

    init(watch: UpkeepWatch) {
        self.watch = watch
    }

    var report: WarmReport { state.withLock { $0.report } }

    /// All that is to be fetched, each once.
    var transfers: [WantedTransfer] {
        var seen: Set<WantedTransfer> = []
        return state.withLock { $0.transfers }.filter { seen.insert($0).inserted }
    }

    func add(_ choice: Listing.Choice) {
        state.withLock { $0.transfers += choice.transfers }
        for failure in choice.failures { fail(failure) }
    }

    func fail(_ failure: WarmReport.Failure) {
        state.withLock { $0.report.failures.append(failure) }
        watch.finding("failed: \(failure.title): \(failure.reason)")
    }

    func count(_ byteCount: Int, isStored: Bool) {
        state.withLock { state in
            if isStored {
                state.report.stored.add(byteCount)
            } else {
                state.report.fetched.add(byteCount)
            }
        }
    }

    func leave(_ count: Int) {
        state.withLock { $0.report.leftCount = count }
    }

    // MARK: Progress

    func begin(_ phase: String, _ count: Int, byteCount: Int? = nil) {
        let progress = UpkeepProgress(phase: phase, totalCount: count, totalByteCount: byteCount)
        state.withLock { $0.progress = progress }
        watch.progress(progress)
    }

    func advance(_ count: Int, _ byteCount: Int = 0) {
        let progress = state.withLock { state in
            state.progress.count += count
            state.progress.byteCount += byteCount
            return state.progress
        }
        watch.progress(progress)
    }

    /// How many of the phase's things are settled.
    var settledCount: Int { state.withLock { $0.progress.count } }
}

/// The places of a list, each given to one task.
final class WarmTurns: Sendable {
    private let next = Mutex(0)
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    func take() -> Int? {
        next.withLock { next in
            guard next < count else { return nil }
            defer { next += 1 }
            return next
        }
    }
}
