import Backends
import Conformance
import Digests
import PostgresStore
import Resources
import Support
import Synchronization
import Testing

/// A server that goes, comes back, lets only read, or is slow (cases B-1 to B-4 of the study).
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct ServerFaultTests {
    private typealias Samples = MetadataSamples

    @Test("after a restart under load everything goes on within 5 s, without a storm")
    func restart() async throws {
        let server = try await ServerProgram.aside { try PostgresServer() }
        let proxy = try CuttingProxy(before: server.port)
        let settings = Servers.settings(try await server.makeDatabase(), port: proxy.port)
        let news = Watched<[PostgresNews]>([])
        let store = try await PostgresMetadata.open(settings) { item in
            news.update { $0.append(item) }
        }
        let isOver = Watched(false)
        let counts = Watched((good: 0, bad: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    var round = 0
                    while !isOver.value {
                        let isGood = await Self.writes(store, "w\(worker)r\(round)")
                        counts.update { isGood ? ($0.good += 1) : ($0.bad += 1) }
                        round += 1
                    }
                }
            }
            await counts.until { $0.good > 50 }
            let before = proxy.attemptCount
            #expect(before <= settings.connectionLimit)
            let clock = ContinuousClock()
            let down = clock.now
            try await ServerProgram.aside { try server.stop(.immediate) }
            await news.until { $0.contains { if case .unreachable = $0 { true } else { false } } }
            // Who waited longest was patient for 3 s; from now on calls fail at once.
            await counts.until { $0.bad > 6 }
            #expect(!store.health.isReachable)
            let asked = clock.now
            await #expect(throws: StoreError.unreachable) { try await store.totals() }
            #expect(clock.now - asked < .seconds(2))
            try await ServerProgram.aside { try server.start() }
            let back = clock.now
            await news.until { $0.last == .reachable }
            #expect(clock.now - back < .seconds(5))
            let good = counts.value.good
            await counts.until { $0.good > good + 50 }
            #expect(clock.now - back < .seconds(5))
            let seconds = Double((clock.now - down).components.seconds) + 1
            let attempts = Double(proxy.attemptCount - before)
            #expect(attempts <= seconds * Double(settings.connectionLimit), "in \(seconds) s")
            isOver.update { $0 = true }
            try await group.waitForAll()
        }
        #expect(store.health.isReachable)
        await store.close()
    }

    private static func writes(_ store: PostgresMetadata, _ name: String) async -> Bool {
        let key = Samples.artifact(name)
        do {
            let digest = BlobDigest.of(Array(name.utf8))
            return try await store.pin(key, to: digest) == digest
        } catch {
            #expect(error == .unreachable || error == .busy)
            await Task.yield()
            return false
        }
    }

    @Test("a server that only lets read is read, and written again once it lets write")
    func readOnly() async throws {
        let server = try await ServerProgram.aside { try PostgresServer() }
        let database = try await server.makeDatabase()
        let news = Watched<[PostgresNews]>([])
        let store = try await PostgresMetadata.open(
            Servers.settings(database, port: server.port)
        ) { item in news.update { $0.append(item) } }
        let key = Samples.artifact("one.whl")
        _ = try await store.pin(key, to: .of([1]))
        try await Self.setReadOnly(true, server)
        let refusal = StoreError.refused(SQLState(known: "25006"))
        await #expect(throws: refusal) { try await store.pin(Samples.artifact("b"), to: .of([2])) }
        #expect(try await store.pin(for: key) == .of([1]))
        #expect(news.value == [.readOnly])
        #expect(!store.health.isWritable)
        try await Self.setReadOnly(false, server)
        #expect(try await store.pin(Samples.artifact("b"), to: .of([3])) == .of([3]))
        #expect(news.value == [.readOnly, .writable])
        await store.close()
    }

    private static func setReadOnly(_ isReadOnly: Bool, _ server: PostgresServer) async throws {
        let value = isReadOnly ? "on" : "off"
        // Each in a transaction of its own; to switch it off, one must be let write oneself.
        let environment = "-c default_transaction_read_only=off"
        try await server.ask(
            "ALTER SYSTEM SET default_transaction_read_only = \(value)", in: "postgres",
            options: environment)
        // Reloading is a signal: a session that begins later sees whether it has arrived.
        try await server.ask("SELECT pg_reload_conf()", in: "postgres")
        for _ in 0..<500 {
            let shown = try await server.ask(
                "SHOW default_transaction_read_only", in: "postgres")
            if shown == value { return }
        }
        Issue.record("the setting never came to be \(value)")
    }

    @Test("after a failover writes go to the server that lets write")
    func failover() async throws {
        let first = try await ServerProgram.aside { try PostgresServer() }
        let second = try await Servers.server()
        let database = try await second.makeDatabase()
        try await first.ask("CREATE DATABASE \(database)", in: "postgres")
        for server in [first, second] {
            let store = try await PostgresMetadata.open(
                Servers.settings(database, port: server.port))
            await store.close()
        }
        let close = "ALTER DATABASE \(database) SET default_transaction_read_only = on"
        try await second.ask(close, in: "postgres")
        let settings = PostgresSettings(
            hosts: [first, second].map { .init(name: "127.0.0.1", port: $0.port) },
            user: PostgresServer.user, password: PostgresServer.password, database: database)
        let store = try await PostgresMetadata.open(settings)
        let key = Samples.artifact("one.whl")
        _ = try await store.pin(key, to: .of([1]))
        #expect(try await first.ask("SELECT count(*) FROM larder_pins", in: database) == "1")

        try await second.ask(
            "ALTER DATABASE \(database) RESET default_transaction_read_only", in: "postgres")
        try await Self.setReadOnly(true, first)
        #expect(try await store.pin(key, to: .of([2])) == .of([2]))
        #expect(try await second.ask("SELECT count(*) FROM larder_pins", in: database) == "1")
        await store.close()
    }

    @Test("a locked table delays nobody for longer than the statement timeout")
    func lockedTable() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        var settings = Servers.settings(database, port: server.port)
        settings.statementTimeout = .seconds(1)
        settings.waitingLimit = 100
        let store = try await PostgresMetadata.open(settings)
        let key = Samples.document("simple/example/")
        try await store.store(Samples.response(key), facts: [])
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)' "
            + "AND application_name = 'larder'"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.ask(
                    "BEGIN; LOCK TABLE larder_responses; SELECT pg_sleep(60)", in: database)
            }
            try await server.ask(Self.untilLocked, in: database)
            await withTaskGroup(of: Void.self) { readers in
                for _ in 0..<12 {
                    readers.addTask {
                        let error = await Self.failure { try await store.response(for: key) }
                        #expect(error as? StoreError == .busy)
                    }
                }
            }
            // Other tables are as quick as ever, and no session piles up.
            #expect(try await store.pin(key, to: .of([1])) == .of([1]))
            let count = Int(try await server.ask(sessions, in: database)) ?? 99
            #expect(count <= settings.connectionLimit)

            let reader = Task { try await store.response(for: key) }
            reader.cancel()
            await #expect(throws: StoreError.self) { try await reader.value }
            try await server.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
                in: database)
            // The session was ended, which `psql` says with its exit status.
            _ = await group.nextResult()
        }
        #expect(try await store.response(for: key) == Samples.response(key))
        await store.close()
    }

    private static func failure<Value>(_ work: () async throws -> Value) async -> (any Error)? {
        do {
            _ = try await work()
            return nil
        } catch {
            return error
        }
    }

    private static let untilLocked = """
        DO $$ BEGIN
            WHILE NOT EXISTS (
                SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
                    AND relation = 'larder_responses'::regclass)
            LOOP PERFORM pg_sleep(0.02); END LOOP;
        END $$
        """

    @Test("clients that die in the middle leave nothing behind a PgBouncer")
    func deadClients() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let proxy = try CuttingProxy(before: try await Servers.bouncer().port)
        var settings = Servers.settings(database, port: proxy.port)
        settings.connectionLimit = 2
        let store = try await PostgresMetadata.open(settings, patience: .seconds(20))
        let key = Samples.document("simple/example/")
        let facts = (0..<20).compactMap { Samples.fact("f\($0).whl") }
        for round in 0..<50 {
            proxy.arm(round.isMultiple(of: 2) ? .question(round * 40) : .answer(round * 4))
            try await store.store(Samples.response(key, byteCount: round), facts: facts)
            proxy.disarm()
        }
        #expect(proxy.cutCount >= 40)
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 49))
        let left = try await server.ask(
            """
            SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                    AND database = (SELECT oid FROM pg_database WHERE datname = '\(database)')),
                (SELECT count(*) FROM pg_stat_activity
                    WHERE datname = '\(database)' AND state LIKE 'idle in transaction%')
            """, in: database)
        #expect(left == "0|0")
        await store.close()
    }
}
