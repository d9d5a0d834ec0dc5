import Backends
import Conformance
import Linux
import Resources
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(5))) final class SQLiteInventoryTests {
    let folder = ScratchFolder()

    var conformance: InventoryConformance {
        InventoryConformance { [folder] in
            try SQLiteMetadata(folder: folder.path, name: SystemRandom.hexadecimal(byteCount: 8))
        }
    }

    @Test("every row comes once, page by page, in three orders")
    func pages() async throws { try await conformance.pages() }

    @Test("what one database gives another takes, once or twice")
    func moving() async throws { try await conformance.moving() }

    @Test("a row goes by what was read of it, and not when it was used or stored since")
    func removal() async throws { try await conformance.removal() }

    @Test("many rows go at once, and of their bodies those that nobody else has")
    func removalOfMany() async throws { try await conformance.removalOfMany() }

    @Test("a pin that is there holds, and a row that was validated later stays")
    func conflicts() async throws { try await conformance.conflicts() }

    struct Plan: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let statement: String
    }

    static let plans = [
        Plan(testDescription: "by use", statement: SQLiteMetadata.leastRecentlyUsed),
        Plan(testDescription: "by body", statement: SQLiteMetadata.rowsByBody),
        Plan(testDescription: "by key", statement: SQLiteMetadata.rowsByKey),
        Plan(testDescription: "facts", statement: SQLiteMetadata.factsByArtifact),
        Plan(testDescription: "pins", statement: SQLiteMetadata.pinsByArtifact),
        Plan(testDescription: "held back", statement: SQLiteMetadata.heldBackCount),
    ]

    @Test("a page is found by an index, and nothing is sorted", arguments: plans)
    func plan(_ plan: Plan) async throws {
        let store = try SQLiteMetadata(folder: folder.path)
        await store.close()
        let connection = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
        let steps = try connection.rows("EXPLAIN QUERY PLAN " + plan.statement) {
            $0.text(3) ?? ""
        }
        for step in steps {
            #expect(!step.contains("TEMP B-TREE"), "\(steps)")
            let isKnown = ["INDEX ", "PRIMARY KEY", "subquery", "SUBQUERY"]
                .contains { step.contains($0) }
            #expect(isKnown, "\(steps)")
        }
    }

    @Test("a database of version 3 gets the order by kind, and loses nothing")
    func fromVersionThree() async throws {
        let key = MetadataSamples.document("simple/example/")
        do {
            let connection = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
            for step in SQLiteSchema.steps.prefix(3) { try connection.execute(step) }
            try connection.execute(
                """
                PRAGMA application_id = \(SQLiteSchema.applicationID); PRAGMA user_version = 3;
                """)
            try connection.run(
                ResponseRow.upsert, ResponseRow.values(MetadataSamples.response(key)))
        }
        let store = try SQLiteMetadata(folder: folder.path)
        let oldest = try await store.leastRecentlyUsed(.document, after: nil, limit: 9)
        #expect(oldest.rows.map(\.response) == [MetadataSamples.response(key)])
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 100))
        await store.close()
        let connection = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
        let names = try connection.rows(
            "SELECT name FROM sqlite_schema WHERE name LIKE 'responses_by_%' ORDER BY name"
        ) { $0.text(0) ?? "" }
        #expect(names == ["responses_by_body", "responses_by_kind_and_use"])
    }
}
