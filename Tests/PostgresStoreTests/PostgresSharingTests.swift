import Backends
import Conformance
import PostgresStore
import Resources
import Support
import Testing

/// What the database promises to several servers at once.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct PostgresSharingTests {
    typealias Way = PostgresMetadataTests.Way

    private static func open(_ way: Way) async throws -> PostgresMetadata {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let port = way == .direct ? server.port : try await Servers.bouncer().port
        var settings = Servers.settings(database, port: port)
        // Many suites share the machine; how long things may take is tested elsewhere.
        settings.statementTimeout = .seconds(20)
        settings.leaseTimeout = .seconds(20)
        return try await PostgresMetadata.open(settings, patience: .seconds(20))
    }

    private static func conformance(_ way: Way) -> SharingConformance {
        SharingConformance { try await open(way) }
    }

    private static func leases(_ way: Way) -> LeaseConformance {
        LeaseConformance {
            try await open(way)
        } pause: {
            _ = try await Servers.server().ask("SELECT pg_sleep(0.02)", in: "postgres")
        }
    }

    @Test(
        "R-4: a version takes the place of the one it was judged by, and of no other (rule M4)",
        arguments: Way.allCases)
    func replacing(_ way: Way) async throws { try await Self.conformance(way).replacing() }

    @Test("other servers are told of changes", arguments: Way.allCases)
    func telling(_ way: Way) async throws { try await Self.conformance(way).telling() }

    @Test("R-4: of many that began with the same version, one is stored", arguments: Way.allCases)
    func racing(_ way: Way) async throws { try await Self.conformance(way).racing() }

    @Test("a lease has one holder, until it lets go", arguments: Way.allCases)
    func holding(_ way: Way) async throws { try await Self.leases(way).holding() }

    @Test(
        "R-6: the lease of a holder that is gone is another one's when it ends by the database's clock",
        arguments: Way.allCases)
    func takingOver(_ way: Way) async throws { try await Self.leases(way).takingOver() }

    @Test("a renewed lease lasts", arguments: Way.allCases)
    func renewing(_ way: Way) async throws { try await Self.leases(way).renewing() }

    @Test("of many that ask for a lease at once, one holds it", arguments: Way.allCases)
    func racingForLeases(_ way: Way) async throws { try await Self.leases(way).racing() }

    @Test("what dead holders left is swept up, and no lock of a session is ever taken")
    func leftovers() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let store = try await PostgresMetadata.open(
            Servers.settings(database, port: server.port))
        let (dead, own) = (
            MetadataSamples.artifact("dead.whl"), MetadataSamples.artifact("own.whl")
        )
        #expect(try await store.claim(dead, by: "dead", for: 1))
        #expect(try await store.claim(own, by: "a", for: 100))
        try await server.ask(
            "UPDATE larder_leases SET ends_at = ends_at - interval '2 minutes' WHERE holder = 'dead'",
            in: database)
        try await store.release(own, by: "a")
        try await store.prune(at: 1)
        #expect(try await server.ask("SELECT count(*) FROM larder_leases", in: database) == "0")
        // Other suites' databases are being migrated meanwhile.
        let locks = """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        #expect(try await server.ask(locks, in: database) == "0")
        await store.close()
    }
}
