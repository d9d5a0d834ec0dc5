internal import Backends
internal import Linux

extension PostgresMetadata {
    /// How far the newer index of eviction is.
    private enum IndexState: String {
        case absent
        /// Somebody makes it just now.
        case busy
        /// Somebody began to make it, and stopped.
        case broken
        /// It is complete, and the older one is there still.
        case both
        case complete
    }

    private static let indexState = """
        SELECT CASE
            WHEN EXISTS (
                SELECT FROM pg_stat_progress_create_index
                WHERE datname = current_database() AND relid = to_regclass('larder_responses'))
                THEN 'busy'
            WHEN to_regclass('\(PostgresSchema.kindIndex)') IS NULL THEN 'absent'
            WHEN NOT (
                SELECT indisvalid FROM pg_index
                WHERE indexrelid = to_regclass('\(PostgresSchema.kindIndex)'))
                THEN 'broken'
            WHEN to_regclass('\(PostgresSchema.useIndex)') IS NOT NULL THEN 'both'
            ELSE 'complete'
        END
        """

    private static let lookTime = Duration.seconds(10)
    /// An index over a hundred million rows takes no longer.
    private static let makeTime = Duration.seconds(6 * 3_600)

    /// Makes the index that a migration left out because it takes long, beside all that goes on;
    /// returns when it is there, or the task is cancelled.
    ///
    /// Every server tries. Of several that do so at once, the database lets one go on; the others
    /// see it later, and what one left that ended in the middle is removed and begun anew. So no
    /// lock is needed that outlasts a transaction, which a proxy would not keep.
    package func orderByKind() async {
        // A thread and connection of its own, so that nobody waits for it when the server ends.
        guard let loop = try? PostgresLoop(settings, report: { _ in }) else { return }
        defer { loop.stop() }
        while !Task.isCancelled {
            let state = await Self.run(Self.indexState, for: Self.lookTime, on: loop)
                .flatMap { $0.rows { $0.text(0) }.first ?? nil }
                .flatMap(IndexState.init)
            let command: String
            switch state {
            case .complete: return
            case .absent: command = PostgresSchema.makeKindIndex
            case .broken:
                command = "DROP INDEX CONCURRENTLY IF EXISTS \(PostgresSchema.kindIndex)"
            case .both:
                command = "DROP INDEX CONCURRENTLY IF EXISTS \(PostgresSchema.useIndex)"
            case .busy, nil:
                await Self.pause()
                continue
            }
            if await Self.run(command, for: Self.makeTime, on: loop) == nil { await Self.pause() }
        }
    }

    /// Runs one statement without a transaction; nil when it failed.
    private static func run(
        _ sql: String, for time: Duration, on loop: PostgresLoop
    ) async -> PostgresResult? {
        let end = SystemClock.monotonicNanoseconds + lookTime.nanoseconds
        // As a reading one, since a cancelled task need not wait for its end.
        let outcome = await loop.run(
            [PostgresStatement(sql)], waitEnd: end, runTime: time.nanoseconds, isRead: true)
        return try? outcome.get().first
    }

    /// Of random length, so that servers which began together do not meet again.
    private static func pause() async {
        try? await Task.sleep(for: .seconds(Double.random(in: 20...60)))
    }
}
