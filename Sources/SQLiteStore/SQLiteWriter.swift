internal import Backends
internal import Synchronization

/// The one writer: what arrives while a transaction commits goes into the next one, together.
///
/// Work runs on its own lane, in the order it came. A transaction is synced to the disk when any
/// work in it asks for that.
final class SQLiteWriter: Sendable {
    private struct State {
        var waiting: [any WriteJob] = []
        var isRunning = false
        var isClosed = false
    }

    /// The most work in one transaction: a limit on how long the first one waits for the others.
    private static let batchLimit = 256
    private static let waitingLimit = 10_000
    /// How long a lock of another process is waited for; and once that was in vain, until it is gone:
    /// what comes next must not wait as long again.
    private static let patience: (usual: Int32, once: Int32) = (5_000, 250)

    private let connection: SQLiteConnection
    private let lane = BlockingLane(label: "larder.database.writer")
    private let state = Mutex(State())

    init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Runs `work` in a transaction and returns when that is committed.
    ///
    /// `work` may run twice: when other work in its transaction fails, each is tried alone.
    ///
    /// Cancelling the task does not take the work back.
    ///
    /// - Throws: ``StoreError/busy`` when too much waits, ``StoreError/closed``, and failures of
    ///   the database, after which nothing of `work` is stored.
    func write<Success: Sendable>(
        _ durability: Durability,
        _ work: @escaping @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success
    ) async throws(StoreError) -> Success {
        let result = await withCheckedContinuation { continuation in
            submit(Job(durability: durability, work: work, continuation: continuation))
        }
        return try result.get()
    }

    /// Refuses further work, and returns when what came before is done and in the database's own
    /// file, so that whoever copies that has all of it.
    func close() async {
        state.withLock { $0.isClosed = true }
        // The lane is serial: this runs after whatever round is under way or scheduled.
        await withCheckedContinuation { continuation in
            lane.start {
                self.connection.setPatience(milliseconds: Self.patience.once)
                // Another process may read just now, or the disk be full: the log is as good.
                try? self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                continuation.resume()
            }
        }
    }

    private func submit(_ job: any WriteJob) {
        enum Decision { case start, wait, refuse(StoreError) }
        let decision: Decision = state.withLock { state in
            if state.isClosed { return .refuse(.closed) }
            if state.waiting.count >= Self.waitingLimit { return .refuse(.busy) }
            state.waiting.append(job)
            defer { state.isRunning = true }
            return state.isRunning ? .wait : .start
        }
        switch decision {
        case .start: lane.start { self.runAll() }
        case .wait: break
        case .refuse(let error): job.finish(error)
        }
    }

    private func runAll() {
        while let batch = nextBatch() { commit(batch[...]) }
    }

    private func nextBatch() -> [any WriteJob]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Self.batchLimit))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: ArraySlice<any WriteJob>) {
        do throws(SQLiteFailure) {
            try transact(batch)
        } catch {
            let error = StoreError(error)
            if error == .busy { connection.setPatience(milliseconds: Self.patience.once) }
            if batch.count == 1 || error == .busy {
                // Nothing of it is at fault when the database is locked.
                for job in batch { job.finish(error) }
            } else {
                // One bad row must not take the others with it.
                for index in batch.indices { commit(batch[index...index]) }
            }
            return
        }
        connection.setPatience(milliseconds: Self.patience.usual)
        for job in batch { job.finish(nil) }
    }

    private func transact(_ batch: ArraySlice<any WriteJob>) throws(SQLiteFailure) {
        let mustSync = batch.contains { $0.durability == .durable }
        // Not as a prepared statement: SQLite obeys this pragma while it compiles it.
        try connection.execute("PRAGMA synchronous = \(mustSync ? "FULL" : "NORMAL")")
        try connection.run("BEGIN IMMEDIATE")
        do throws(SQLiteFailure) {
            for job in batch { try job.run(on: connection) }
            try connection.run("COMMIT")
        } catch {
            // Some failures have rolled back already.
            if connection.isInTransaction { try? connection.run("ROLLBACK") }
            throw error
        }
    }
}

/// Work of one caller, whatever its result.
private protocol WriteJob: Sendable {
    var durability: Durability { get }
    func run(on connection: SQLiteConnection) throws(SQLiteFailure)
    /// Wakes the caller; called once, with nil after the commit.
    func finish(_ error: StoreError?)
}

private final class Job<Success: Sendable>: WriteJob {
    let durability: Durability
    private let work: @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success
    private let continuation: CheckedContinuation<Result<Success, StoreError>, Never>
    private let outcome = Mutex<Success?>(nil)

    init(
        durability: Durability,
        work: @escaping @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success,
        continuation: CheckedContinuation<Result<Success, StoreError>, Never>
    ) {
        self.durability = durability
        self.work = work
        self.continuation = continuation
    }

    func run(on connection: SQLiteConnection) throws(SQLiteFailure) {
        let success = try work(connection)
        outcome.withLock { $0 = success }
    }

    func finish(_ error: StoreError?) {
        if let success = outcome.withLock({ $0 }), error == nil {
            continuation.resume(returning: .success(success))
        } else {
            continuation.resume(returning: .failure(error ?? .closed))
        }
    }
}
