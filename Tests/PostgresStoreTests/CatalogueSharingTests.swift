import Backends
import Conformance
import PostgresStore
import Resources
import Support
import Testing

/// What the catalogue promises while several servers write at once.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct CatalogueSharingTests {
    private typealias Samples = CatalogueConformance

    /// Three servers on one database.
    private struct Group {
        let stores: [PostgresMetadata]
        let database: String

        init() async throws {
            let server = try await Servers.server()
            database = try await server.makeDatabase()
            var settings = Servers.settings(database, port: server.port)
            settings.statementTimeout = .seconds(20)
            settings.coordinates = CatalogueConformance.coordinates
            var stores: [PostgresMetadata] = []
            for _ in 0..<3 {
                stores.append(
                    try await PostgresMetadata.open(settings, patience: .seconds(20)))
            }
            self.stores = stores
        }

        func ask(_ sql: String) async throws -> String {
            try await Servers.server().ask(sql, in: database)
        }

        func each(
            _ work: @escaping @Sendable (Int, PostgresMetadata) async throws -> Void
        ) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, store) in stores.enumerated() {
                    group.addTask { try await work(number, store) }
                }
                try await group.waitForAll()
            }
        }

        func close() async {
            for store in stores { await store.close() }
        }
    }

    @Test("what several servers served in one hour adds up")
    func hours() async throws {
        let group = try await Group()
        try await group.each { _, store in
            var traffic = Traffic()
            traffic.requestCount = 3
            traffic.servedBytes = 1 << 32
            // The clocks of servers differ.
            for round in 0..<40 { try await store.add(traffic, toHour: Int64(900 + round % 2)) }
        }
        let hours = try await group.stores[0].traffic(sinceHour: 0)
        #expect(hours.map(\.hour) == [900, 901])
        #expect(hours.map(\.traffic.requestCount) == [180, 180])
        #expect(hours.map(\.traffic.servedBytes) == [60 << 32, 60 << 32])
        await group.close()
    }

    // The files of one package, and those of a batch, are of several servers' batches.
    @Test("sums hold while servers store, take, remove and enter the same packages' files")
    func sums() async throws {
        let group = try await Group()
        let names = (0..<240).map { "p\($0 % 7)/\($0)" }
        try await group.each { number, store in
            for round in 0..<4 {
                for name in names[(number * 80)..<(number * 80 + 80)].shuffled().prefix(30) {
                    try await store.store(Samples.file(name, byteCount: 5 + round), facts: [])
                }
                let taken = names.shuffled().prefix(20).map {
                    StoredRow(response: Samples.file($0, byteCount: 3), usedAt: 1)
                }
                try await store.take(rows: taken)
                let rows = try await store.rows(after: nil, limit: 300).rows
                _ = try await store.remove(Array(rows.shuffled().prefix(60)))
                for name in names.shuffled().prefix(5) {
                    try await store.remove(Samples.file(name).key)
                }
                _ = try await store.purge([Samples.file(names[round]).key], at: 9)
            }
        }
        #expect(try await group.ask(Self.mistakes) == "")
        #expect(try await group.ask(Self.entered) == "t")
        await group.close()
    }

    @Test("several servers enter what was stored before while it is removed")
    func backlog() async throws {
        let group = try await Group()
        _ = try await group.ask(
            """
            INSERT INTO larder_responses (key, kind, headers, body, byte_count, stored_at,
                validated_at, lifetime_seconds, used_at)
            SELECT convert_to('\(Self.keyPrefix)p' || n % 50 || '/' || n, 'UTF8'), 'artifact', '',
                sha256(convert_to('' || n, 'UTF8')), 10, 1, 1, 1, 1
            FROM generate_series(1, 4000) AS n;
            UPDATE larder_package_backlog SET last_id = (SELECT max(id) FROM larder_responses)
            """)
        try await group.each { number, store in
            guard number > 0 else {
                for _ in 0..<12 {
                    let page = try await store.leastRecentlyUsed(.artifact, after: nil, limit: 150)
                    _ = try await store.remove(page.rows)
                }
                return
            }
            while try await store.enterBacklog() {}
        }
        #expect(try await group.ask(Self.mistakes) == "")
        #expect(try await group.ask(Self.entered) == "t")
        #expect(try await group.ask("SELECT count(*) > 0 FROM larder_packages") == "t")
        await group.close()
    }

    private static var keyPrefix: String {
        String(Samples.file("x").key.text.dropLast())
    }

    /// The packages whose sums are not those of their files.
    private static let mistakes = """
        SELECT name FROM larder_packages AS package WHERE (file_count, byte_count) <> (
            SELECT count(*), coalesce(sum(response.byte_count), 0)
            FROM larder_package_files AS file
            JOIN larder_responses AS response ON response.id = file.response_id
            WHERE file.package_id = package.id) OR file_count = 0
        """

    /// Whether all files that are stored are those of packages.
    private static let entered = """
        SELECT (SELECT count(*) FROM larder_responses) = (SELECT count(*) FROM larder_package_files)
            AND (SELECT count(*) FROM larder_responses) = (
                SELECT coalesce(sum(file_count), 0) FROM larder_packages)
        """
}
