internal import Backends
internal import Linux

extension PostgresMetadata {
    /// "LARD": the lock that whoever migrates holds to the end of the transaction, and not of the
    /// session, which behind a proxy is not ours.
    private static let lockNumber: Int64 = 0x4C41_5244

    /// Long enough for an index over many rows, and for another server that makes it just now.
    private static let migrationTimeout = Duration.seconds(600)

    /// Brings the tables up to date, whoever else does so at the same time.
    ///
    /// A server that cannot be reached is waited for as long as `patience` says.
    func migrate(patience: Duration) async throws(StoreOpenError) {
        let end = SystemClock.monotonicNanoseconds + patience.nanoseconds
        while true {
            let refusal: StoreOpenError
            do throws(PostgresFailure) {
                switch try await migrateOnce() {
                case .current: return
                case .moved: continue
                case .newer(let found):
                    refusal = .newerSchema(found: found, known: PostgresSchema.version)
                }
            } catch {
                refusal = StoreOpenError(error)
            }
            guard case .unreachable(let fault) = refusal, fault.mayPass,
                SystemClock.monotonicNanoseconds < end, !Task.isCancelled
            else { throw refusal }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private enum Round {
        case current
        /// Another server was faster; the next round sees what it did.
        case moved
        case newer(Int)
    }

    private func migrateOnce() async throws(PostgresFailure) -> Round {
        do throws(PostgresFailure) {
            let found = try await foundSchema()
            if let found, found.oldestReader > PostgresSchema.version {
                return .newer(found.version)
            }
            if let found, found.version >= PostgresSchema.version { return .current }
            try await takeSteps(after: found?.version)
            return .current
        } catch .state(.schemaMoved) {
            return .moved
        } catch {
            throw error
        }
    }

    /// The version of the tables; nil when there are none.
    private func foundSchema()
        async throws(PostgresFailure) -> (version: Int, oldestReader: Int)?
    {
        let ask = PostgresStatement("SELECT version, oldest_reader FROM larder_schema")
        do throws(PostgresFailure) {
            let rows = try await attempt(.read, [ask]).first?.rows { row in
                (Int(row.integer(0) ?? 0), Int(row.integer(1) ?? 0))
            }
            // A row is made together with the table.
            guard let found = rows?.first else { throw .state(.undefinedColumn) }
            return found
        } catch .state(.undefinedTable) {
            return nil
        } catch {
            throw error
        }
    }

    /// Takes all steps after a version in one transaction; fails with `schemaMoved` when the tables
    /// are not of that version any more.
    private func takeSteps(after found: Int?) async throws(PostgresFailure) {
        let steps = PostgresSchema.steps.dropFirst(found ?? 0)
        let hasMoved =
            found.map { "(SELECT version FROM larder_schema) <> \($0)" }
            ?? "to_regclass('larder_schema') IS NOT NULL"
        let check = """
            DO $$ BEGIN
                IF \(hasMoved) THEN
                    RAISE EXCEPTION USING ERRCODE = '\(SQLState.schemaMoved)';
                END IF;
            END $$
            """
        let mark = "UPDATE larder_schema SET version = $1, oldest_reader = $2"
        let oldestReader = steps.last?.oldestReader ?? PostgresSchema.version
        let statements =
            [
                PostgresStatement("SELECT pg_advisory_xact_lock($1)", [.integer(Self.lockNumber)]),
                PostgresStatement(check),
            ] + steps.flatMap(\.commands).map { PostgresStatement($0) } + [
                PostgresStatement(
                    mark, [.integer(Int64(PostgresSchema.version)), .integer(Int64(oldestReader))])
            ]
        _ = try await attempt(.write, timeout: Self.migrationTimeout, statements)
    }
}
