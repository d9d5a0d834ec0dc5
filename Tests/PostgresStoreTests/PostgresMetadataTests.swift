import Conformance
import PostgresStore
import Support
import Testing

/// What every metadata database promises, directly and behind a proxy that shares its connections.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct PostgresMetadataTests {
    enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case direct
        case bouncer = "through PgBouncer in transaction mode"

        var testDescription: String { rawValue }
    }

    private static func conformance(_ way: Way) -> MetadataConformance {
        MetadataConformance {
            let server = try await Servers.server()
            let database = try await server.makeDatabase()
            let port = way == .direct ? server.port : try await Servers.bouncer().port
            var settings = Servers.settings(database, port: port)
            // Many suites share the machine; how long things may take is tested elsewhere.
            settings.statementTimeout = .seconds(20)
            return try await PostgresMetadata.open(settings, patience: .seconds(20))
        }
    }

    @Test("responses come back as they were stored", arguments: Way.allCases)
    func responses(_ way: Way) async throws {
        try await Self.conformance(way).responses()
    }

    @Test(
        "a 304 freshens the body that is stored, and no other (RFC 9111 section 4.3.4)",
        arguments: Way.allCases)
    func freshening(_ way: Way) async throws {
        try await Self.conformance(way).freshening()
    }

    @Test("totals follow every change", arguments: Way.allCases)
    func totals(_ way: Way) async throws {
        try await Self.conformance(way).totals()
    }

    @Test("what was used longest ago comes first", arguments: Way.allCases)
    func leastRecentlyUsed(_ way: Way) async throws {
        try await Self.conformance(way).leastRecentlyUsed()
    }

    @Test("a body is referenced as long as one response has it", arguments: Way.allCases)
    func references(_ way: Way) async throws {
        try await Self.conformance(way).references()
    }

    @Test("facts are of the newest document, and go with it", arguments: Way.allCases)
    func facts(_ way: Way) async throws {
        try await Self.conformance(way).facts()
    }

    @Test("a document ends what its parts said", arguments: Way.allCases)
    func factsOfParts(_ way: Way) async throws {
        try await Self.conformance(way).factsOfParts()
    }

    @Test("facts of two upstreams do not mix", arguments: Way.allCases)
    func factsOfTwoUpstreams(_ way: Way) async throws {
        try await Self.conformance(way).factsOfTwoUpstreams()
    }

    @Test("the earliest publication among the files of a document", arguments: Way.allCases)
    func earliestPublication(_ way: Way) async throws {
        try await Self.conformance(way).earliestPublication()
    }

    @Test("the first pin holds (rule I3)", arguments: Way.allCases)
    func pins(_ way: Way) async throws {
        try await Self.conformance(way).pins()
    }

    @Test("events come back newest first", arguments: Way.allCases)
    func events(_ way: Way) async throws {
        try await Self.conformance(way).events()
    }

    @Test("many writers at once", arguments: Way.allCases)
    func manyWriters(_ way: Way) async throws {
        try await Self.conformance(way).manyWriters()
    }

    @Test("an acceptance is taken once, before its end", arguments: Way.allCases)
    func acceptances(_ way: Way) async throws {
        try await Self.conformance(way).acceptances()
    }

    @Test("a list of malware takes the place of the one that was read", arguments: Way.allCases)
    func malwareLists(_ way: Way) async throws {
        try await Self.conformance(way).malwareLists()
    }

    @Test("what is held back now is found", arguments: Way.allCases)
    func heldBack(_ way: Way) async throws {
        try await Self.conformance(way).heldBack()
    }

    @Test("the renderings of a document's bytes are found", arguments: Way.allCases)
    func renderings(_ way: Way) async throws {
        try await Self.conformance(way).renderings()
    }

    @Test("changes come in their order, in batches", arguments: Way.allCases)
    func changes(_ way: Way) async throws {
        try await Self.conformance(way).changes()
    }

    @Test("old changes go, and who missed them is told", arguments: Way.allCases)
    func oldChanges(_ way: Way) async throws {
        try await Self.conformance(way).oldChanges()
    }

    @Test("a reader of the log misses nothing while many write", arguments: Way.allCases)
    func changesOfManyWriters(_ way: Way) async throws {
        try await Self.conformance(way).changesOfManyWriters()
    }

    @Test("a purge is one transaction: rows, facts, acceptance, changes", arguments: Way.allCases)
    func purges(_ way: Way) async throws {
        try await Self.conformance(way).purges()
    }

    @Test("what is wanted is stale, and nothing else of it changes", arguments: Way.allCases)
    func wants(_ way: Way) async throws {
        try await Self.conformance(way).wants()
    }

    @Test("a drill holds from its start to its end", arguments: Way.allCases)
    func drills(_ way: Way) async throws {
        try await Self.conformance(way).drills()
    }

    @Test("an upstream has one open outage at most", arguments: Way.allCases)
    func outages(_ way: Way) async throws {
        try await Self.conformance(way).outages()
    }

    @Test("tokens come back, and every change of them is told", arguments: Way.allCases)
    func clientTokens(_ way: Way) async throws {
        try await Self.conformance(way).clientTokens()
    }

    @Test("uses of tokens are written in batches", arguments: Way.allCases)
    func tokenUses(_ way: Way) async throws {
        try await Self.conformance(way).tokenUses()
    }

    @Test("of many that take one name, one gets it", arguments: Way.allCases)
    func tokensOfManyWriters(_ way: Way) async throws {
        try await Self.conformance(way).tokensOfManyWriters()
    }
}
