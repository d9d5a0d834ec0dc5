import Backends
import Conformance
import Digests
import Resources
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(5))) struct SQLiteMigrationTests {
    private typealias Samples = MetadataSamples

    /// The SHA-256 of each released step: databases that took it are out there.
    static let released = [
        "9f8e49933019de8e35dce62f6d8460e90139067a66bf676e2f5b28c7d103632f",
        "ae6db75383a9919ab8fc30ef97910668c63d9d472adbcf0d0753f0db16611d08",
        "707651c3a52de97c2648812e3c2e8a88e44125a71d7d32c188c9701233bfbba2",
        "c96e76e36ffa1dfc78d0d8f1fc3cb84129fecc06fc6fa805eaad4f97e0632a96",
        "0ed19ad6acf562aa8367f00c41572ee912d22f6517f7fa7781bdfc2f0cb9c793",
        "855f40890b0a851f7e742483eac34989a10c822b17e152332ae8f76b70b45ec3",
        "da82797a217b4efa6990aa730531b49006c318a2c84d79712c392a60f3814dbd",
    ]

    @Test("a released step of the schema never changes")
    func releasedSteps() {
        #expect(
            SQLiteSchema.steps.map { BlobDigest.of(Array($0.utf8)).hex } == Self.released)
    }

    @Test("a database of an older version is brought up with its rows intact", arguments: 1...2)
    func older(_ version: Int) async throws {
        let folder = ScratchFolder()
        let rows = try Self.make(version, in: folder)
        let store = try SQLiteMetadata(folder: folder.path)
        #expect(try await store.response(for: rows.document.key) == rows.document)
        #expect(try await store.fact(for: rows.file) == rows.fact)
        #expect(try await store.earliestPublication(in: rows.document.key) == 7)
        #expect(try await store.pin(for: rows.file) == .of([1]))
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 100))
        #expect(try await store.heldBack(limit: 10) == [])
        // Outages were pairs of events; a second beginning is that of a restart.
        #expect(try await store.recent(limit: 10).map(\.kind) == [.withdrawn])
        let ended = Outage(upstream: "npm", beganAt: 20, endedAt: 50, servedCount: 0)
        let open = Outage(upstream: "pypi", beganAt: 10, endedAt: nil, servedCount: 0)
        let restarted = Outage(upstream: "helm/b", beganAt: 70, endedAt: 90, servedCount: 0)
        #expect(try await store.outages(limit: 10) == [restarted, ended, open])
        // And it works on as a new one does.
        var held = rows.document
        held.heldBack = "shrunk"
        try await store.freshen(held)
        #expect(try await store.heldBack(limit: 10) == [held])
        try await store.note(Change(kind: .purged, key: held.key), at: 1)
        #expect(try await store.changes(after: 0).changes.count == 1)
        await store.close()
    }

    @Test("a migration that fails leaves the database as it was")
    func failing() throws {
        let folder = ScratchFolder()
        _ = try Self.make(2, in: folder)
        let path = folder.path + "/metadata.sqlite"
        do {
            let connection = try SQLiteConnection(path: path)
            try connection.execute("CREATE TABLE outages (x)")
        }
        #expect(throws: StoreOpenError.self) { try SQLiteMetadata(folder: folder.path) }
        let connection = try SQLiteConnection(path: path)
        #expect(try connection.integer("PRAGMA user_version") == 2)
        #expect(
            try connection.integer(
                "SELECT count(*) FROM pragma_table_info('responses') WHERE name = 'held_back'") == 0
        )
        #expect(try connection.integer("SELECT count(*) FROM events") == 9)
    }

    @Test("who may not migrate leaves an older database as it is, and makes none", arguments: 0...2)
    func unmigrated(_ version: Int) async throws {
        let folder = ScratchFolder()
        if version > 0 { _ = try Self.make(version, in: folder) }
        let known = SQLiteSchema.version
        #expect(throws: StoreOpenError.olderSchema(found: version, known: known)) {
            try SQLiteMetadata(folder: folder.path, migrates: false)
        }
        do {
            let connection = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
            #expect(try connection.integer("PRAGMA user_version") == Int64(version))
        }
        await (try SQLiteMetadata(folder: folder.path)).close()
        await (try SQLiteMetadata(folder: folder.path, migrates: false)).close()
    }

    private struct Rows {
        let document: StoredResponse
        let file: CacheKey
        let fact: FileFact
    }

    /// Makes a database by the first steps alone, with rows of every table that they have.
    private static func make(_ version: Int, in folder: ScratchFolder) throws -> Rows {
        let connection = try SQLiteConnection(path: folder.path + "/metadata.sqlite")
        for step in SQLiteSchema.steps.prefix(version) { try connection.execute(step) }
        try connection.execute(
            """
            PRAGMA application_id = \(SQLiteSchema.applicationID); PRAGMA user_version = \(version);
            """)
        let document = Samples.response(Samples.document("simple/example/"))
        let fact = try #require(Samples.fact("packages/ab/one.whl"))
        let file = Samples.artifact(fact.artifact)
        try connection.run(
            """
            INSERT INTO responses (\(ResponseRow.columns), used_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?7)
            """, Array(ResponseRow.values(document).prefix(10)))
        try FactRow.store([fact], of: document.key, in: connection)
        try connection.run(
            "INSERT INTO pins VALUES (?1, ?2)",
            [.text(file.text), .bytes(BlobDigest.of([1]).bytes)])
        let events: [(String, Int64, String)] = [
            ("outageBegan", 10, "pypi"), ("outageBegan", 20, "npm"), ("withdrawn", 25, "pypi"),
            ("outageBegan", 30, "pypi"), ("outageEnded", 50, "npm"), ("outageEnded", 60, "helm/a"),
            ("outageBegan", 70, "helm/b"), ("outageBegan", 80, "helm/b"),
            ("outageEnded", 90, "helm/b"),
        ]
        for (kind, at, upstream) in events {
            try connection.run(
                "INSERT INTO events (kind, at, upstream, subject) VALUES (?1, ?2, ?3, '')",
                [.text(kind), .integer(at), .text(upstream)])
        }
        return Rows(document: document, file: file, fact: fact)
    }
}
