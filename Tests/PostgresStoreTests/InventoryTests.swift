import Backends
import Conformance
import Resources
import Support
import Testing

@testable import PostgresStore

/// What every metadata database promises to those who read or move all of it.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct InventoryTests {
    static let conformance = InventoryConformance {
        let server = try await Servers.server()
        var settings = Servers.settings(try await server.makeDatabase(), port: server.port)
        // Many suites share the machine; how long things may take is tested elsewhere.
        settings.statementTimeout = .seconds(20)
        return try await PostgresMetadata.open(settings, patience: .seconds(20))
    }

    @Test("every row comes once, page by page, in three orders")
    func pages() async throws { try await Self.conformance.pages() }

    @Test("what one database gives another takes, once or twice")
    func moving() async throws { try await Self.conformance.moving() }

    @Test("a row goes by what was read of it, and not when it was used or stored since")
    func removal() async throws { try await Self.conformance.removal() }

    @Test("many rows go at once, and of their bodies those that nobody else has")
    func removalOfMany() async throws { try await Self.conformance.removalOfMany() }

    @Test("a pin that is there holds, and a row that was validated later stays")
    func conflicts() async throws { try await Self.conformance.conflicts() }

    @Test("what goes next is found by an index, and nothing is sorted")
    func plan() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let settings = Servers.settings(database, port: server.port)
        await (try await PostgresMetadata.open(settings)).close()
        try await server.ask(
            """
            INSERT INTO larder_responses (key, kind, headers, body, byte_count, stored_at,
                validated_at, lifetime_seconds, used_at)
            SELECT convert_to('a ' || n, 'UTF8'), CASE n % 3 WHEN 0 THEN 'document' ELSE 'artifact'
                END, '', sha256(convert_to('' || n, 'UTF8')), 1, 1, 1, 1, n / 1000
            FROM generate_series(1, 20000) AS n;
            ANALYZE larder_responses
            """, in: database)
        let statement = PostgresMetadata.leastRecentlyUsed
            .replacing("$1", with: "'artifact'").replacing("$2", with: "3")
            .replacing("$3", with: "9").replacing("$4", with: "256")
        let plan = try await server.ask("EXPLAIN \(statement)", in: database)
        #expect(plan.contains("larder_responses_by_kind_and_use"), "\(plan)")
        #expect(!plan.contains("Sort") && !plan.contains("Seq Scan"), "\(plan)")
    }

    @Test("a database of version 3 gets the order by kind in place of that by use alone")
    func fromVersionThree() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let settings = Servers.settings(database, port: server.port)
        let response = MetadataSamples.response(MetadataSamples.document("simple/example/"))
        do {
            let store = try await PostgresMetadata.open(settings)
            try await store.store(response, facts: [])
            await store.close()
        }
        try await server.ask(OlderSchema.three, in: database)
        let store = try await PostgresMetadata.open(settings)
        let oldest = try await store.leastRecentlyUsed(.document, after: nil, limit: 9)
        #expect(oldest.rows.map(\.response) == [response])
        await store.close()
        let indexes = try await server.ask(
            "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'larder_responses_by_%use'",
            in: database)
        #expect(indexes == "larder_responses_by_kind_and_use")
    }

    @Test(
        "with many rows the index is made after the migration, and anew where one was stopped",
        arguments: [false, true])
    func manyRows(_ isBroken: Bool) async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        var settings = Servers.settings(database, port: server.port)
        settings.statementTimeout = .seconds(20)
        await (try await PostgresMetadata.open(settings)).close()
        try await server.ask(
            """
            \(OlderSchema.three)
            INSERT INTO larder_responses (key, kind, headers, body, byte_count, stored_at,
                validated_at, lifetime_seconds, used_at)
            SELECT convert_to('a ' || n, 'UTF8'), 'artifact', '', sha256('x'), 1, 1, 1, 1, n
            FROM generate_series(1, 100001) AS n
            """, in: database)
        let store = try await PostgresMetadata.open(settings)
        let indexes = """
            SELECT string_agg(relname || indisvalid, ' ' ORDER BY relname) FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid WHERE relname LIKE 'larder_%use'
            """
        // The migration itself has left it.
        #expect(try await server.ask(indexes, in: database) == "larder_responses_by_usetrue")
        if isBroken {
            try await server.ask(
                """
                CREATE INDEX larder_responses_by_kind_and_use
                ON larder_responses (kind, used_at, id);
                UPDATE pg_index SET indisvalid = false
                WHERE indexrelid = 'larder_responses_by_kind_and_use'::regclass
                """, in: database)
        }
        await store.orderByKind()
        #expect(
            try await server.ask(indexes, in: database) == "larder_responses_by_kind_and_usetrue")
        let oldest = try await store.leastRecentlyUsed(.artifact, after: nil, limit: 2)
        #expect(oldest.rows.map(\.usedAt) == [1, 2])
        await store.close()
    }
}
