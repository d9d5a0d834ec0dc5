import Backends
import Conformance
import Digests
import PostgresStore
import Resources
import Support
import Testing

/// Connections that break at any byte of any operation (case B-5 of the study).
@Suite(
    .timeLimit(.minutes(3)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct ConnectionLossTests {
    private typealias Samples = MetadataSamples

    /// A store whose connections break as the test wants it.
    private static func brokenStore() async throws -> (PostgresMetadata, CuttingProxy) {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let proxy = try CuttingProxy(before: server.port)
        var settings = Servers.settings(database, port: proxy.port)
        settings.connectionLimit = 1
        return (try await PostgresMetadata.open(settings), proxy)
    }

    /// Runs `work` with a break at every place of a sweep, and `check` after each.
    private static func sweep(
        _ proxy: CuttingProxy, _ work: (Int) async throws -> Void
    ) async throws {
        var round = 0
        for byte in stride(from: 0, to: 340, by: 11) {
            for cut in [CuttingProxy.Cut.question(byte), .answer(byte)] {
                proxy.arm(cut)
                do {
                    try await work(round)
                } catch {
                    Issue.record("\(cut): \(error)")
                }
                proxy.disarm()
                round += 1
            }
        }
        // Otherwise the sweep has shown nothing.
        #expect(proxy.cutCount > 40)
    }

    @Test("a pin is written once, whichever byte was the last")
    func pins() async throws {
        let (store, proxy) = try await Self.brokenStore()
        try await Self.sweep(proxy) { round in
            let key = Samples.artifact("f\(round).whl")
            let first = try await store.pin(key, to: .of([1]))
            let second = try await store.pin(key, to: .of([2]))
            #expect([first, second] == [.of([1]), .of([1])])
        }
    }

    @Test("a document and its facts are stored together, and counted once")
    func documents() async throws {
        let (store, proxy) = try await Self.brokenStore()
        let key = Samples.document("simple/example/")
        try await Self.sweep(proxy) { round in
            let fact = try #require(Samples.fact("f\(round).whl"))
            try await store.store(
                Samples.response(key, byteCount: round, storedAt: 1_000 + Int64(round)),
                facts: [fact])
            #expect(try await store.fact(for: Samples.artifact("f\(round).whl")) == fact)
            if round > 0 {
                #expect(try await store.fact(for: Samples.artifact("f\(round - 1).whl")) == nil)
            }
            #expect(
                try await store.totals() == StoreTotals(responseCount: 1, byteCount: round))
        }
    }

    @Test("an event is recorded once")
    func events() async throws {
        let (store, proxy) = try await Self.brokenStore()
        try await Self.sweep(proxy) { round in
            let event = StoredEvent(
                kind: .withdrawn, at: Int64(round), upstream: "pypi", subject: "p")
            try await store.record(event)
            #expect(try await store.recent(limit: .max).count == round + 1)
        }
    }

    @Test("the log of changes has no gap and keeps its order")
    func changes() async throws {
        let (store, proxy) = try await Self.brokenStore()
        var last: Int64 = 0
        var seen = 0
        let start = proxy.cutCount
        #expect(start == 0)
        for byte in stride(from: 0, to: 340, by: 31) {
            proxy.arm(.answer(byte))
            let change = Change(kind: .changed, key: Samples.document("simple/p\(byte)/"))
            try await store.note(change, at: 1_000)
            let log = try await store.changes(after: last)
            // A change whose answer was lost may be noted twice; none is missing.
            #expect(log.isComplete)
            #expect(!log.changes.isEmpty && log.changes.allSatisfy { $0 == change })
            seen += log.changes.count
            last = log.last
            proxy.disarm()
        }
        #expect(seen == Int(last))
        #expect(proxy.cutCount > 8)
    }

    struct Injection: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: String
        /// How often the server raises it before it lets the statement pass.
        let count: Int
        let expected: StoreError?
    }

    static let injections: [Injection] = [
        Injection(
            testDescription: "serialization failures", state: "40001", count: 4, expected: nil),
        Injection(testDescription: "deadlocks", state: "40P01", count: 4, expected: nil),
        Injection(
            testDescription: "deadlocks without end", state: "40P01", count: 1_000,
            expected: .busy),
        Injection(
            testDescription: "a unique violation", state: "23505", count: 1,
            expected: .refused(SQLState(known: "23505"))),
        Injection(testDescription: "a full disk", state: "53100", count: 1, expected: .full),
        Injection(
            testDescription: "a read-only moment", state: "25006", count: 2, expected: nil),
        Injection(testDescription: "a lock in the way", state: "55P03", count: 1, expected: .busy),
    ]

    @Test("failures of a statement are tried again where that helps", arguments: injections)
    func statementFailures(_ row: Injection) async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let store = try await PostgresMetadata.open(
            Servers.settings(database, port: server.port))
        // A sequence counts on although its transaction is undone.
        try await server.ask(
            """
            CREATE SEQUENCE faults;
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('faults') <= \(row.count) THEN
                    RAISE EXCEPTION USING ERRCODE = '\(row.state)';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER fail BEFORE INSERT ON larder_pins
            FOR EACH STATEMENT EXECUTE FUNCTION fail();
            """, in: database)
        let key = Samples.artifact("one.whl")
        if let expected = row.expected {
            await #expect(throws: expected) { try await store.pin(key, to: .of([1])) }
            #expect(try await store.pin(for: key) == nil)
        } else {
            #expect(try await store.pin(key, to: .of([1])) == .of([1]))
        }
        // The connection is as good as before.
        #expect(try await store.totals().responseCount == 0)
        await store.close()
    }
}
