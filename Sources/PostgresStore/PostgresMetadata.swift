package import Backends
internal import Linux

/// The metadata database on a PostgreSQL server, for any number of servers at once.
///
/// Each operation is one transaction and one round trip, and may be repeated when its answer was
/// lost, so nothing is prepared, locked or set beyond it: a proxy that shares connections by the
/// transaction may stand in between (PgBouncer). What came from an upstream may lose the last
/// moments in a crash of the database's machine, since it can be fetched again; pins are as durable
/// as the server's `synchronous_commit` says.
package final class PostgresMetadata: MetadataStore, Inventory {
    /// What a transaction does.
    enum Purpose {
        case read
        /// Writes what must not be lost.
        case write
        /// Writes what can be made again.
        case derive
    }

    let settings: PostgresSettings
    private let loop: PostgresLoop

    private init(
        _ settings: PostgresSettings, report: @escaping @Sendable (PostgresNews) -> Void
    ) throws(StoreOpenError) {
        self.settings = settings
        do throws(Errno) {
            loop = try PostgresLoop(settings, report: report)
        } catch {
            throw .system(error)
        }
    }

    deinit { loop.stop() }

    /// Connects, and brings the tables up to date.
    ///
    /// A server that cannot be reached is waited for as long as `patience` says; `report` is told
    /// of every change, on the thread that serves the connections, so it must not block.
    package static func open(
        _ settings: PostgresSettings, patience: Duration = .zero,
        report: @escaping @Sendable (PostgresNews) -> Void = { _ in }
    ) async throws(StoreOpenError) -> PostgresMetadata {
        let store = try PostgresMetadata(settings, report: report)
        do throws(StoreOpenError) {
            try await store.migrate(patience: patience)
        } catch {
            await store.close()
            throw error
        }
        return store
    }

    /// Refuses further calls, and returns when the transactions under way have ended.
    package func close() async {
        await loop.close()
    }

    /// How the connections are; cheap, and current to a turn of their thread.
    package var health: PostgresHealth { loop.health }

    /// Runs statements as one transaction, again where that may help.
    ///
    /// `steps` is how many times the usual work of a transaction it is.
    func transact(
        _ purpose: Purpose, steps: Int = 1, _ statements: [PostgresStatement]
    ) async throws(StoreError) -> [PostgresResult] {
        do throws(PostgresFailure) {
            return try await attempt(purpose, steps: steps, statements)
        } catch {
            throw StoreError(error)
        }
    }

    func attempt(
        _ purpose: Purpose, steps: Int = 1, timeout: Duration? = nil,
        _ statements: [PostgresStatement]
    ) async throws(PostgresFailure) -> [PostgresResult] {
        let timeout = timeout ?? settings.statementTimeout
        let begin = Self.begin(purpose, timeout)
        let batch = begin + statements + [PostgresStatement("COMMIT")]
        // A second for the way; the server's own limit comes first.
        let runTime = timeout.nanoseconds * UInt64(max(1, steps)) + 1_000_000_000
        let end = SystemClock.monotonicNanoseconds + runTime
        var tries = 0
        while true {
            let outcome = await loop.run(
                batch, waitEnd: end, runTime: runTime, isRead: purpose == .read)
            tries += 1
            switch outcome {
            case .success(let results):
                return Array(results[begin.count..<(results.count - 1)])
            case .failure(let failure):
                guard
                    let pause = RetryRule.pause(
                        after: failure, tries: tries, jitter: .random(in: 0...1)),
                    SystemClock.monotonicNanoseconds < end
                else { throw failure }
                // Ends early when cancelled, and the next try then shows it.
                try? await Task.sleep(for: .milliseconds(pause))
            }
        }
    }

    /// How a transaction begins, whatever the defaults of the server, the database and the user.
    private static func begin(_ purpose: Purpose, _ timeout: Duration) -> [PostgresStatement] {
        let mode = purpose == .read ? " READ ONLY" : ""
        var commands = [
            "BEGIN ISOLATION LEVEL READ COMMITTED\(mode)",
            "SET LOCAL statement_timeout = \(timeout.nanoseconds / 1_000_000)",
        ]
        if purpose == .derive { commands.append("SET LOCAL synchronous_commit = off") }
        return commands.map { PostgresStatement($0) }
    }
}
