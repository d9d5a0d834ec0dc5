import Conformance
import PostgresStore
import Support
import Synchronization
import Testing

@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
final class PostgresCatalogueTests {
    /// The databases of one test, by the names that it gives them.
    private final class Databases: Sendable {
        private let names = Mutex<[String: String]>([:])

        func database(_ name: String) async throws -> String {
            if let known = names.withLock({ $0[name] }) { return known }
            let made = try await Servers.server().makeDatabase()
            names.withLock { $0[name] = made }
            return made
        }
    }

    private var conformance: CatalogueConformance {
        let databases = Databases()
        return CatalogueConformance { name, reads in
            let server = try await Servers.server()
            var settings = Servers.settings(try await databases.database(name), port: server.port)
            settings.statementTimeout = .seconds(20)
            if reads { settings.coordinates = CatalogueConformance.coordinates }
            return try await PostgresMetadata.open(settings, patience: .seconds(20))
        } beginBacklog: { name in
            let server = try await Servers.server()
            _ = try await server.ask(
                """
                UPDATE larder_package_backlog SET next_id = 0,
                    last_id = (SELECT max(id) FROM larder_responses)
                """, in: try await databases.database(name))
        } fill: { name, count in
            let server = try await Servers.server()
            _ = try await server.ask(
                """
                INSERT INTO larder_packages (folded, ecosystem, location, name, file_count,
                    byte_count, newest_at)
                SELECT convert_to('filler-' || i, 'UTF8'), 'npm', '',
                    convert_to('filler-' || i, 'UTF8'), 1, i, i
                FROM generate_series(1, \(count)) AS i
                """, in: try await databases.database(name))
        }
    }

    @Test("packages follow what is stored and removed")
    func packages() async throws { try await conformance.packages() }

    @Test("a part of a name finds the package")
    func search() async throws { try await conformance.search() }

    @Test("a search looks at a bounded number of names")
    func boundedSearch() async throws { try await conformance.boundedSearch() }

    @Test("what was stored before is entered bit by bit")
    func backlog() async throws { try await conformance.backlog() }

    @Test("what was served is added up by hours, and goes after 35 days")
    func traffic() async throws { try await conformance.traffic() }
}
