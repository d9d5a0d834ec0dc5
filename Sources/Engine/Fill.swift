package import Linux
import Synchronization

/// One fetch, rendering or look-up on its way, which any number of requests wait for or follow.
///
/// The engine's task drives it; readers on server threads follow at their own pace. Progress is a
/// broadcast: every registered wake-up runs once, on the filling thread, and then has to register
/// again. No method blocks.
package final class Fill: Sendable {
    let state = Mutex(FillState())
    private let answered = Atomic<UInt64>(0)
    private let arrived = Atomic<Int>(0)
    private let late = Atomic<Bool>(false)
    private let overdueFrom = Atomic<UInt64>(.max)
    private let tries = Atomic<Int>(0)

    package init() {}

    /// What is known before the body: enough for the head of an answer.
    package struct Head: Sendable {
        package let byteCount: Int?
        /// Without quotes; nil where nothing is promised.
        package let entityTag: String?
        package let lastModified: String?
        /// The status that the upstream answered with, for Cache-Status.
        package let upstreamStatus: Int

        package init(
            byteCount: Int?, entityTag: String?, lastModified: String?, upstreamStatus: Int
        ) {
            self.byteCount = byteCount
            self.entityTag = entityTag
            self.lastModified = lastModified
            self.upstreamStatus = upstreamStatus
        }
    }

    /// Where a fill stands.
    package enum Phase: Sendable {
        /// Nothing can be said yet.
        case working
        /// A body is arriving and can be followed.
        case streaming(Head)
        /// It is over, and asking the engine again gives the answer.
        case settled
        case failed(FillFailure)
    }

    package var phase: Phase { state.withLock { $0.phase } }

    /// Calls `wake` once at the next change of phase, or at once when it is not ``Phase/working``.
    ///
    /// `wake` may run on this thread before the method returns, or on the filling thread; it must
    /// not block.
    package func wake(_ wake: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { $0.registerForPhase(wake) }
        if isNow { wake() }
    }

    /// What a reader at `offset` can send now, up to `limit` bytes.
    ///
    /// The last byte that a reader wants is not given before the whole body is verified, be it a
    /// range of it or all, so that no answer is ever complete whose bytes may be wrong (rule I2).
    /// `.wait` has registered `wake`, which is called once from the filling thread. Park the
    /// connection first, then call this, or the wake-up is lost.
    package func next(
        at offset: Int, limit: Int, reader: FillReader,
        orWake wake: @escaping @Sendable () -> Void
    ) -> FillStep {
        let (step, waiting) = state.withLock {
            $0.next(at: offset, limit: limit, reader: reader, wake)
        }
        for other in waiting { other() }
        return step
    }

    /// Tells that this reader is gone; whoever calls `next` calls this exactly once at the end.
    package func leave(_ reader: FillReader) {
        let waiting = state.withLock { $0.leave(reader) }
        for other in waiting { other() }
    }

    /// Whether a new reader may still start at offset 0.
    package var canBeJoined: Bool { state.withLock { $0.canBeJoined } }
}

// MARK: - The filling side

extension Fill {
    /// Makes the body followable: from a growing file, or through memory when there is none.
    package func begin(_ head: Head, file: OpenFile?) {
        run(state.withLock { $0.begin(head, file: file) })
    }

    /// Announces bytes in the file; readers see those up to `visible`.
    package func publish(fileCount: Int, visible: Int) {
        run(state.withLock { $0.publish(fileCount: fileCount, visible: visible) })
    }

    /// Goes on without a disk; the bytes in the file so far stay readable.
    package func switchToRelay() {
        run(state.withLock { $0.switchToRelay() })
    }

    /// The fill for which the current task asks upstreams.
    @TaskLocal static var asking: Fill?

    /// How many requests to upstreams were made for this.
    var tryCount: Int { tries.load(ordering: .relaxed) }

    func noteTries(_ count: Int = 1) { tries.add(count, ordering: .relaxed) }

    /// Whether the upstream has begun to answer.
    var hasAnswer: Bool { answeredAt != nil }

    /// When it began, in nanoseconds of uptime; nil before.
    var answeredAt: UInt64? {
        let moment = answered.load(ordering: .relaxed)
        return moment == 0 ? nil : moment
    }

    /// Notes that the upstream has begun to answer, at a moment of uptime in nanoseconds.
    func noteAnswer(at now: UInt64) { answered.store(max(now, 1), ordering: .relaxed) }

    /// Whether the whole body is there, and is still being stored.
    var isBeingStored: Bool { state.withLock { $0.isBeingStored } }

    /// How much of the body has come, in bytes.
    var arrivedByteCount: Int { arrived.load(ordering: .relaxed) }

    /// Notes how much of the body has come, in bytes; for the filling task alone.
    func noteArrival(of byteCount: Int) { arrived.store(byteCount, ordering: .relaxed) }

    /// Whether a client has waited its whole budget for this.
    var isLate: Bool { late.load(ordering: .relaxed) }

    /// Notes that a client has waited its whole budget; returns whether that is news.
    func noteLateness() -> Bool { !late.exchange(true, ordering: .relaxed) }

    /// Notes that the upstream is being asked, and from which moment of uptime on, in nanoseconds,
    /// its lateness is its own.
    func noteAsking(overdueFrom moment: UInt64) {
        overdueFrom.store(moment, ordering: .relaxed)
    }

    /// Whether the upstream was asked, and has had its time.
    func isOverdue(at now: UInt64) -> Bool { now >= overdueFrom.load(ordering: .relaxed) }

    /// Whether the bytes go through memory.
    package var isRelay: Bool { state.withLock { $0.isRelay } }

    /// Gives bytes to the readers through memory, and waits until there is room for more.
    ///
    /// Before it waits for a first reader, who may never come, it calls `lonely`. Returns false when
    /// every reader has left, or the task was cancelled.
    package func relay(_ bytes: [UInt8], visible: Int, lonely: () -> Void = {}) async -> Bool {
        run(state.withLock { $0.relay(bytes, visible: visible) })
        if state.withLock({ $0.waitsForFirstReader }) { lonely() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.park(continuation) }?.resume()
            }
        } onCancel: {
            state.withLock { $0.cancelProducer() }?.resume()
        }
        guard !Task.isCancelled else { return false }
        if case .abandoned = state.withLock({ $0.relayRoom }) { return false }
        return true
    }

    /// Fails a relay to which nobody came; without a reader it would wait for room for ever.
    package func abandonIfUnread() {
        guard !state.withLock({ $0.hadReader }) else { return }
        fail(.abandoned)
        state.withLock { $0.cancelProducer() }?.resume()
    }

    /// Ends the body: all its bytes are there and verified.
    ///
    /// It can be followed until it settles.
    package func complete(count: Int) {
        run(state.withLock { $0.complete(count: count) })
    }

    /// Ends a fill without a body to follow: ask the engine again.
    package func settle() {
        run(state.withLock { $0.settle() })
    }

    /// Ends a fill whose body is whole and was not stored: it can still be followed.
    package func conclude() {
        run(state.withLock { $0.conclude() })
    }

    /// Waits until the fill does nothing any more, whatever it came to, or goes on as a relay.
    ///
    /// A relay stores nothing, and its end is up to its readers, of whom there may be none.
    func result() async {
        attend()
        defer { depart() }
        await withCheckedContinuation { continuation in
            let isNow = state.withLock { $0.registerForResult { continuation.resume() } }
            if isNow { continuation.resume() }
        }
        // Whoever waits shares the requests that were made for this.
        Self.asking?.noteTries(tryCount)
    }

    package func fail(_ failure: FillFailure) {
        run(state.withLock { $0.fail(failure) })
    }

    func run(_ wakeups: FillState.Wakeups) {
        for wake in wakeups { wake() }
    }
}

/// One reader of a fill, and where the part that it wants ends.
package final class FillReader: Sendable {
    /// The offset after the last byte that it wants; nil for all there is.
    let end: Int?

    package init(end: Int?) {
        self.end = end
    }
}

/// What a reader of a fill does next.
package enum FillStep: Sendable {
    /// Send this part of the file.
    case file(OpenFile, Range<Int>)
    /// Send these bytes (relay).
    case bytes([UInt8])
    /// The body is complete at this offset, and verified.
    case end
    /// Reset the connection: what was sent so far is not a complete body.
    case failed(FillFailure)
    /// Nothing yet; the wake-up is registered.
    case wait
}
