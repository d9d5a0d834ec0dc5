internal import Synchronization

/// One transaction that a task waits for.
final class PostgresJob: Sendable {
    typealias Outcome = Result<[PostgresResult], PostgresFailure>

    let batch: [PostgresStatement]
    /// When it has waited long enough for a connection, in monotonic nanoseconds.
    let waitEnd: UInt64
    /// How long the server may take for all of it, in nanoseconds.
    let runTime: UInt64
    /// Whether a cancelled task takes it back as long as it waits.
    let isRead: Bool
    private let continuation: Mutex<CheckedContinuation<Outcome, Never>?>

    init(
        _ batch: [PostgresStatement], waitEnd: UInt64, runTime: UInt64, isRead: Bool,
        _ continuation: CheckedContinuation<Outcome, Never>
    ) {
        self.batch = batch
        self.waitEnd = waitEnd
        self.runTime = runTime
        self.isRead = isRead
        self.continuation = Mutex(continuation)
    }

    /// Whether nobody waits for it any more.
    var isFinished: Bool { continuation.withLock { $0 == nil } }

    /// Wakes the task; only the first call counts.
    func finish(_ outcome: Outcome) {
        continuation.withLock { $0.take() }?.resume(returning: outcome)
    }
}
