import Backends
import Conformance
import Digests
import PostgresStore
import Resources
import Support
import Testing

/// Tables that come to be, are brought up to date, or are not ours (case B-7 of the study).
@Suite(
    .timeLimit(.minutes(3)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct MigrationTests {
    private typealias Samples = MetadataSamples

    @Test("three servers that start at once on an empty database all start, 20 rounds")
    func startTogether() async throws {
        let server = try await Servers.server()
        for round in 0..<20 {
            let settings = Servers.settings(try await server.makeDatabase(), port: server.port)
            let pins = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        let store = try await PostgresMetadata.open(settings)
                        let pin = try await store.pin(
                            Samples.artifact("one.whl"), to: .of([UInt8(number)]))
                        await store.close()
                        return pin.hex
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(pins.count == 1, "round \(round)")
        }
    }

    struct Found: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What is done to the database before it is opened again.
        let script: String
        let expected: StoreOpenError?
    }

    static let found: [Found] = [
        Found(
            testDescription: "a newer schema that this version can read",
            script:
                "UPDATE larder_schema SET version = 9, oldest_reader = 2", expected: nil),
        Found(
            testDescription: "a newer schema that it cannot read",
            script:
                "UPDATE larder_schema SET version = 9, oldest_reader = 9",
            expected: .newerSchema(found: 9, known: 7)),
        Found(
            testDescription: "a table of another program's",
            script: "DROP TABLE larder_schema; CREATE TABLE larder_schema (x int)",
            expected: .foreignDatabase),
        Found(
            testDescription: "tables without their version", script: "DROP TABLE larder_schema",
            expected: .foreignDatabase),
        Found(
            testDescription: "a user who may not make tables",
            script: """
                DROP SCHEMA public CASCADE; CREATE SCHEMA public;
                REVOKE ALL ON SCHEMA public FROM PUBLIC
                """, expected: .notPermitted),
    ]

    @Test("what is found decides whether the server starts", arguments: found)
    func opening(_ row: Found) async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let settings = Servers.settings(database, port: server.port)
        await (try await PostgresMetadata.open(settings)).close()
        try await server.ask(row.script, in: database)
        var other = settings
        if row.expected == .notPermitted {
            let user = "u" + database
            try await server.ask("CREATE ROLE \(user) LOGIN PASSWORD 'word'", in: database)
            try await server.ask("GRANT USAGE ON SCHEMA public TO \(user)", in: database)
            other = PostgresSettings(
                hosts: settings.hosts, user: user, password: "word", database: database)
        }
        do {
            let store = try await PostgresMetadata.open(other)
            #expect(row.expected == nil)
            #expect(try await store.totals().responseCount == 0)
            await store.close()
        } catch {
            #expect(error as? StoreOpenError == row.expected)
        }
    }

    @Test("a database of version 1 keeps what it has, and gets what is new")
    func fromVersionOne() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let settings = Servers.settings(database, port: server.port)
        let key = Samples.document("simple/example/")
        let fact = try #require(Samples.fact("one.whl"))
        do {
            let store = try await PostgresMetadata.open(settings)
            try await store.store(Samples.response(key), facts: [fact])
            _ = try await store.pin(Samples.artifact("one.whl"), to: .of([1]))
            await store.close()
        }
        try await server.ask(OlderSchema.one, in: database)
        let store = try await PostgresMetadata.open(settings)
        #expect(try await store.response(for: key) == Samples.response(key))
        #expect(try await store.fact(for: Samples.artifact("one.whl")) == fact)
        #expect(try await store.pin(for: Samples.artifact("one.whl")) == .of([1]))
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 100))
        try await store.accept(key, until: 9)
        #expect(try await store.isAccepted(key, at: 8))
        await store.close()
    }
}
