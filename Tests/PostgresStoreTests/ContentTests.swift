import Backends
import Conformance
import Digests
import PostgresStore
import Resources
import Support
import Testing

/// What PostgreSQL does otherwise than SQLite: encodings, limits, many rows at once.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct ContentTests {
    private typealias Samples = MetadataSamples

    static let encodings = ["UTF8", "LATIN1", "SQL_ASCII"]

    @Test("names are bytes, whatever the database's encoding", arguments: encodings)
    func encoding(_ encoding: String) async throws {
        let server = try await Servers.server()
        let database = "e" + (try await server.makeDatabase())
        try await server.ask(
            "CREATE DATABASE \(database) TEMPLATE template0 ENCODING '\(encoding)' LOCALE 'C'",
            in: "postgres")
        let store = try await PostgresMetadata.open(
            Servers.settings(database, port: server.port))
        let key = Samples.document("caf\u{E9}\0\u{2713}\\x41'/")
        let fact = try #require(Samples.fact("one.whl", version: "1\0\u{2713}"))
        try await store.store(Samples.response(key), facts: [fact])
        #expect(try await store.response(for: key) == Samples.response(key))
        #expect(try await store.fact(for: Samples.artifact(fact.artifact)) == fact)
        #expect(try await store.rows(after: nil, limit: 9).rows.map(\.response.key) == [key])
        let event = StoredEvent(kind: .withdrawn, at: 1, upstream: "\u{2713}", subject: "\0")
        try await store.record(event)
        #expect(try await store.recent(limit: 1) == [event])
        await store.close()
    }

    @Test("a document of thousands of files is one transaction, and may shrink again")
    func largeDocument() async throws {
        let store = try await Servers.freshStore()
        let key = Samples.document("simple/large/")
        let facts = (0..<2_500).compactMap {
            Samples.fact("f\($0).whl", publishedAt: Int64($0 + 5))
        }
        // One that is named twice counts as the last one says.
        let twice = try #require(Samples.fact("f7.whl", digest: "newer"))
        try await store.store(Samples.response(key), facts: facts + [twice])
        #expect(try await store.fact(for: Samples.artifact("f0.whl")) == facts[0])
        #expect(try await store.fact(for: Samples.artifact("f7.whl")) == twice)
        #expect(try await store.fact(for: Samples.artifact("f2499.whl")) == facts[2_499])
        #expect(try await store.earliestPublication(in: key) == 5)
        try await store.store(Samples.response(key), facts: [facts[1_200]])
        #expect(try await store.fact(for: Samples.artifact("f0.whl")) == nil)
        #expect(try await store.earliestPublication(in: key) == 1_205)
        await store.close()
    }

    @Test("a file whose name is longer than an index takes is left out, and nothing else")
    func longName() async throws {
        let store = try await Servers.freshStore()
        let key = Samples.document("simple/long/")
        let long = try #require(Samples.fact(Samples.noise(3_000)))
        let short = try #require(Samples.fact("short.whl"))
        try await store.store(Samples.response(key), facts: [long, short])
        #expect(try await store.fact(for: Samples.artifact("short.whl")) == short)
        #expect(try await store.fact(for: Samples.artifact(long.artifact)) == nil)
        #expect(try await store.response(for: key) != nil)
        await store.close()
    }

    @Test("only the newest events and outages are kept")
    func bounds() async throws {
        let server = try await Servers.server()
        let database = try await server.makeDatabase()
        let store = try await PostgresMetadata.open(
            Servers.settings(database, port: server.port))
        try await server.ask(
            """
            INSERT INTO larder_events (mark, kind, at, upstream, subject)
            SELECT int8send(i), 'withdrawn', i, '', '' FROM generate_series(1, 10050) AS i;
            INSERT INTO larder_outages (upstream, began_at, ended_at, served_count)
            SELECT 'pypi', i, i, 0 FROM generate_series(1, 10050) AS i;
            """, in: database)
        try await store.record(
            StoredEvent(kind: .withdrawn, at: 99_999, upstream: "", subject: ""))
        let events = try await store.recent(limit: .max)
        #expect(events.count == StoredEvent.keptCount)
        #expect(events.first?.at == 99_999)
        try await store.beginOutage(of: "npm", at: 99_999)
        let outages = try await store.outages(limit: .max)
        #expect(outages.count == Outage.keptCount)
        #expect(outages.first?.upstream == "npm")
        await store.close()
    }

    @Test("two servers that use the same responses in different order do not stop each other")
    func crossedUses() async throws {
        let server = try await Servers.server()
        let settings = Servers.settings(try await server.makeDatabase(), port: server.port)
        let one = try await PostgresMetadata.open(settings)
        let two = try await PostgresMetadata.open(settings)
        let keys = (0..<100).map { Samples.document("simple/p\($0)/") }
        for key in keys { try await one.store(Samples.response(key), facts: []) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<20 {
                for store in [one, two] {
                    let uses = keys.shuffled().prefix(70).map { ($0, Int64(5_000 + round)) }
                    group.addTask {
                        try await store.record(Dictionary(uniqueKeysWithValues: uses))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await one.totals().responseCount == 100)
        await one.close()
        await two.close()
    }
}

extension MetadataSamples {
    /// Letters and digits that no compression makes shorter by much.
    fileprivate static func noise(_ count: Int) -> String {
        var state: UInt64 = 88_172_645_463_325_252
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_")
        return String(
            (0..<count).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return letters[Int(state >> 58)]
            })
    }
}
