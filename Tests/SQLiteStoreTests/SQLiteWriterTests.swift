import Backends
import Conformance
import Resources
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(5))) struct SQLiteWriterTests {
    @Test("a blocked writer takes so many writes and refuses the rest at once; none is lost")
    func boundedQueue() async throws {
        let folder = ScratchFolder()
        let store = try SQLiteMetadata(folder: folder.path)
        let other = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
        try other.execute("BEGIN IMMEDIATE")
        let count = 11_000
        var refused = 0
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<count {
                group.addTask {
                    let key = MetadataSamples.document("simple/p\(index)/")
                    do throws(StoreError) {
                        try await store.store(MetadataSamples.response(key), facts: [])
                        return true
                    } catch {
                        #expect(error == .busy)
                        return false
                    }
                }
            }
            // While the lock is held nothing can be stored, so the first answer is a refusal.
            #expect(try await group.next() == false)
            refused += 1
            try other.execute("COMMIT")
            for try await stored in group where !stored { refused += 1 }
        }
        #expect(refused < count)
        #expect(try await store.totals().responseCount == count - refused)
    }

    @Test("many uses are written a thousand at a time, so a bad one takes few others with it")
    func usesInBatches() async throws {
        let folder = ScratchFolder()
        let store = try SQLiteMetadata(folder: folder.path)
        let keys = (0..<2_500).map { MetadataSamples.document("simple/p\($0)/") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys {
                group.addTask { try await store.store(MetadataSamples.response(key), facts: []) }
            }
            try await group.waitForAll()
        }
        // Longer than any value may be (SQLITE_LIMIT_LENGTH).
        let tooLong = MetadataSamples.document(String(repeating: "x", count: 2 << 20))
        let uses = Dictionary(uniqueKeysWithValues: (keys + [tooLong]).map { ($0, Int64(9_999)) })
        await #expect(throws: StoreError.self) { try await store.record(uses) }
        let other = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
        let written = try other.integer("SELECT count(*) FROM responses WHERE used_at = 9999")
        #expect(try #require(written) >= 1_500)
        try await store.record([keys[0]: 10_000, keys[1]: 10_000])
        #expect(
            try other.integer("SELECT count(*) FROM responses WHERE used_at = 10000") == 2)
    }

    @Test("statements of the schema are safe: no legacy strings, no writable schema")
    func defences() throws {
        let folder = ScratchFolder()
        let connection = try SQLiteConnection(path: folder.path + "/database")
        try SQLiteSchema.prepare(connection)
        #expect(throws: SQLiteFailure.self) { try connection.execute("SELECT \"no column\"") }
        #expect(throws: SQLiteFailure.self) {
            try connection.execute("ATTACH DATABASE ':memory:' AS other")
        }
        try connection.execute("PRAGMA writable_schema = ON")
        #expect(throws: SQLiteFailure.self) { try connection.execute("DELETE FROM sqlite_schema") }
        #expect(try connection.integer("PRAGMA trusted_schema") == 0)
        #expect(try connection.integer("PRAGMA cell_size_check") == 1)
        #expect(try connection.integer("PRAGMA user_version") == Int64(SQLiteSchema.version))
    }

    struct Plan: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
    }

    static let plans: [Plan] = [
        Plan(testDescription: "a response", sql: "SELECT * FROM responses WHERE key = ?1"),
        Plan(testDescription: "the oldest responses", sql: SQLiteMetadata.leastRecentlyUsed),
        Plan(
            testDescription: "a reference", sql: "SELECT 1 FROM responses WHERE body = ?1 LIMIT 1"),
        Plan(testDescription: "a fact", sql: "SELECT * FROM facts WHERE artifact = ?1"),
        Plan(
            testDescription: "the earliest publication",
            sql: """
                SELECT min(published_at) FROM facts WHERE published_at IS NOT NULL
                AND document_id = (SELECT id FROM documents WHERE key = ?1)
                """),
        Plan(
            testDescription: "how many files a document names",
            sql: "SELECT count(*) FROM facts WHERE document_id = ?1"),
        Plan(
            testDescription: "the files of a document",
            sql: "SELECT artifact FROM facts WHERE document_id = ?1"),
        Plan(
            testDescription: "the parts of a document",
            sql: "SELECT id FROM documents WHERE key > ?1 AND key < ?2"),
        Plan(testDescription: "a pin", sql: "SELECT digest FROM pins WHERE artifact = ?1"),
    ]

    @Test("no question scans or sorts a table", arguments: plans)
    func usesIndex(_ row: Plan) throws {
        let folder = ScratchFolder()
        let connection = try SQLiteConnection(path: folder.path + "/database")
        try SQLiteSchema.prepare(connection)
        let steps = try connection.rows("EXPLAIN QUERY PLAN " + row.sql) { $0.text(3) ?? "" }
        #expect(!steps.isEmpty)
        for step in steps {
            let usesIndex = step.contains("USING") && step.contains("INDEX")
            #expect(
                usesIndex || step.contains("PRIMARY KEY") || step.contains("SUBQUERY"), "\(step)")
            #expect(!step.contains("TEMP B-TREE"), "\(step)")
        }
    }
}
