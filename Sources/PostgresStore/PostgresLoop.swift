internal import Backends
internal import Linux
internal import Synchronization

/// The one thread that calls libpq, and the way to ask something of it.
///
/// The thread runs until ``close()`` and keeps the loop alive meanwhile.
///
/// Only looking up host names, which blocks, is done on a lane of its own.
final class PostgresLoop: Sendable {
    private struct Inbox {
        var jobs: [PostgresJob] = []
        /// Connections that have been begun; nil where there was no memory.
        var begun: [PostgresConnection?] = []
        var isClosing = false
        var hasEnded = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let settings: PostgresSettings
    private let report: @Sendable (PostgresNews) -> Void
    private let wakeUp: EventFD
    private let lookups = BlockingLane(label: "larder.database.lookup")
    private let inbox = Mutex(Inbox())
    private let latestHealth = Mutex(PostgresHealth())

    /// Starts the thread; connects when there is something to do.
    init(
        _ settings: PostgresSettings, report: @escaping @Sendable (PostgresNews) -> Void
    ) throws(Errno) {
        self.settings = settings
        self.report = report
        wakeUp = try EventFD()
        try LinuxThread.start { self.run() }
    }

    var health: PostgresHealth { latestHealth.withLock { $0 } }

    /// Runs one transaction and waits for its end, or until `waitEnd` for its beginning.
    ///
    /// A cancelled task takes back a reading one that has not begun.
    func run(
        _ batch: [PostgresStatement], waitEnd: UInt64, runTime: UInt64, isRead: Bool
    ) async -> PostgresJob.Outcome {
        let posted = Mutex<PostgresJob?>(nil)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = PostgresJob(
                    batch, waitEnd: waitEnd, runTime: runTime, isRead: isRead, continuation)
                posted.withLock { $0 = job }
                post(job)
            }
        } onCancel: {
            guard isRead else { return }
            posted.withLock { $0 }?.finish(.failure(.closed))
        }
    }

    /// Refuses further work, and returns when what runs is done.
    func close() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                inbox.isClosing = true
                if !inbox.hasEnded { inbox.closers.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() } else { wakeUp.signal() }
        }
    }

    /// The same without waiting.
    func stop() {
        inbox.withLock { $0.isClosing = true }
        wakeUp.signal()
    }

    private func post(_ job: PostgresJob) {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosing else { return false }
            inbox.jobs.append(job)
            return true
        }
        if isTaken { wakeUp.signal() } else { job.finish(.failure(.closed)) }
    }

    // MARK: On the thread

    private func run() {
        let pool = PostgresPool(settings, report: report)
        while true {
            takeMail(for: pool)
            let now = SystemClock.monotonicNanoseconds
            pool.turn(now)
            if pool.beginsOpening(now) { open() }
            latestHealth.withLock { $0 = pool.health }
            if pool.isFinished { break }
            let ready = DescriptorPoll.wait(
                for: pool.interests, or: wakeUp, milliseconds: pool.pause(now))
            pool.advance(ready, SystemClock.monotonicNanoseconds)
        }
        let closers = inbox.withLock { inbox in
            inbox.hasEnded = true
            return inbox.closers
        }
        for closer in closers { closer.resume() }
    }

    private func takeMail(for pool: PostgresPool) {
        // Before the inbox: what is posted in between wakes the thread once more.
        wakeUp.clear()
        let (jobs, begun, isClosing) = inbox.withLock { inbox in
            defer { (inbox.jobs, inbox.begun) = ([], []) }
            return (inbox.jobs, inbox.begun, inbox.isClosing)
        }
        pool.take(jobs)
        for connection in begun { pool.take(connection, now: SystemClock.monotonicNanoseconds) }
        if isClosing, !pool.isClosed { pool.close() }
    }

    private func open() {
        lookups.start { [settings] in
            let connection = PostgresConnection(settings)
            self.inbox.withLock { $0.begun.append(connection) }
            self.wakeUp.signal()
        }
    }
}

extension Duration {
    /// Whole nanoseconds; zero for a negative one.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
