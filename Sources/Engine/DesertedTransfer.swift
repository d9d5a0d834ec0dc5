internal import Backends
internal import CacheRules
internal import Synchronization

/// What becomes of an artifact's transfer for which nobody waits any more.
///
/// A small one goes on, and so does one of which more than half is there: the next client will be
/// glad of it. Any other is given up after a while, so that the next request begins anew. One whose
/// length nobody knows is watched, and given up once it is no small one any more.
final class DesertedTransfer: Sendable {
    private let engine: PullThroughEngine
    private let fill: Fill
    private let verdict: ArtifactVerdict
    private let isWatching = Atomic<Bool>(false)

    /// Nil for a transfer that is never given up.
    init?(_ engine: PullThroughEngine, _ fill: Fill, _ verdict: ArtifactVerdict) {
        let rule = engine.rules.desertion
        if let byteCount = verdict.byteCount, rule.goesOn(arrived: 0, of: byteCount) { return nil }
        self.engine = engine
        self.fill = fill
        self.verdict = verdict
    }

    /// Watches from now on until the fill is over; for each body anew.
    func begin() {
        fill.supervise { self.watch() }
    }

    private func watch() {
        guard !isWatching.exchange(true, ordering: .relaxed) else { return }
        engine.runner.start {
            await self.wait()
            self.isWatching.store(false, ordering: .relaxed)
            if self.isUndecided {
                self.watch()
            } else if self.fill.isDeserted {
                // Even where somebody came and left between the last look and now.
                self.judge()
            }
        }
    }

    /// Waits until somebody is there, or nobody was for the whole time of grace.
    private func wait() async {
        while fill.isDeserted, !Task.isCancelled {
            let count = fill.desertionCount
            await engine.time.sleep(for: engine.rules.desertionGrace)
            if fill.desertionCount == count { return }
        }
    }

    private var goesOn: Bool {
        engine.rules.desertion.goesOn(arrived: fill.arrivedByteCount, of: verdict.byteCount)
    }

    /// Whether it goes on for now, and may be given up later.
    private var isUndecided: Bool {
        verdict.byteCount == nil && goesOn && fill.canBeForsaken
    }

    private func judge() {
        guard !goesOn, fill.forsake() else { return }
        engine.files.remove(fill, for: verdict.subject.key)
        verdict.response.body.cancel()
    }
}
