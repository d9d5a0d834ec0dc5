import Backends
import Foundation
import PostgresStore
import Resources
import SQLiteStore
import Support

/// A database server or file that can be filled faster than by its store.
protocol RowsDatabase: Sendable {
    /// The longest median of a cold look-up, in milliseconds.
    var coldMedianGoal: Double { get }

    func open() async throws -> OpenRows

    /// Adds `count` responses, facts and pins of files, copies of those of `sample`.
    func fill(_ count: Int, like sample: CacheKey) async throws

    /// Drops what the kernel and the server have in memory; closed while this runs.
    func forgetPages() async throws
}

/// A store, and how it is closed.
struct OpenRows: Sendable {
    let store: any MetadataStore & Catalogue
    let close: @Sendable () async -> Void
}

extension RowsDatabase {
    /// The key of the row `i`, as both databases write it.
    static var key: String {
        let base = RowsBenchmark.numberBase
        let parts = RowsBenchmark.key(0).text.components(separatedBy: "\(base / 100)/file-\(base)")
        return
            "'\(parts[0])' || ((\(base) + i) / 100) || '/file-' || (\(base) + i) || '\(parts[1])'"
    }

    static func forgetPages(below folder: String) async throws {
        let drop =
            "find \(folder) -type f -exec sync {} + "
            + "&& find \(folder) -type f -exec dd if={} iflag=nocache count=0 status=none ';'"
        try await ServerProgram.runAside(["sh", "-c", drop])
    }
}

/// SQLite, filled by its own shell.
final class SQLiteRows: RowsDatabase {
    let coldMedianGoal = 1.0
    private let file: String
    private let folder: String
    private let isTemporary: Bool

    /// One that exists, whose server is stopped.
    init(folder: String, file: String) {
        self.folder = folder
        self.file = file
        isTemporary = false
    }

    init() throws {
        file = "rows.sqlite"
        folder = NSTemporaryDirectory() + "larder-rows-" + UUID().uuidString
        isTemporary = true
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit { if isTemporary { try? FileManager.default.removeItem(atPath: folder) } }

    func open() async throws -> OpenRows {
        let store = try SQLiteMetadata(
            folder: folder, name: file, coordinates: RowsBenchmark.coordinates)
        return OpenRows(store: store) { await store.close() }
    }

    func fill(_ count: Int, like sample: CacheKey) async throws {
        try await ServerProgram.aside {
            try self.add(count, like: sample.text, byteCount: 100_000)
        }
    }

    /// Adds copies of a file's rows; blocks.
    func add(_ count: Int, like sample: String, byteCount: Int) throws {
        // What is built once behind all rows is made in a fraction of the time.
        let derived = "FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('index', 'trigger')"
        let names = try ask("SELECT 'DROP ' || type || ' ' || name || ';' \(derived)")
        let makes = try ask("SELECT sql || ';' \(derived)")
        let script = """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;
            \(names)
            CREATE TEMP TABLE sample AS SELECT * FROM responses WHERE key = '\(sample)';
            CREATE TEMP TABLE named AS SELECT * FROM facts WHERE artifact = '\(sample)';
            CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS
                (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) SELECT i FROM n;
            INSERT INTO responses (key, kind, headers, body, byte_count, entity_tag, stored_at,
                validated_at, lifetime_seconds, used_at)
            SELECT \(Self.key), kind, headers, randomblob(32), \(byteCount),
                lower(hex(randomblob(16))), stored_at, validated_at, lifetime_seconds,
                abs(random() % 1000000000)
            FROM numbers CROSS JOIN sample;
            INSERT INTO facts (artifact, document_id, url, digests, byte_count, version, published_at)
            SELECT \(Self.key), document_id + 1 + i / 100, url, digests,
                byte_count, version, published_at
            FROM numbers CROSS JOIN named;
            UPDATE totals SET response_count = response_count + \(count),
                byte_count = byte_count + \(count) * \(byteCount);
             UPDATE package_backlog SET next_id = 0, last_id = (SELECT max(id) FROM responses);
            \(makes)
            """
        try ask(script)
    }

    func forgetPages() async throws { try await Self.forgetPages(below: folder) }

    @discardableResult
    func ask(_ script: String) throws -> String {
        let file = folder + "/script.sql"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        return try ServerProgram.run([
            "sqlite3", "-bail", folder + "/" + self.file, ".read \(file)",
        ])
    }
}

/// PostgreSQL, a server of its own.
final class PostgresRows: RowsDatabase {
    let coldMedianGoal = 3.0
    private static let settings = [
        "shared_buffers=128MB", "max_wal_size=4GB", "maintenance_work_mem=512MB",
    ]
    private static let indices = [
        "larder_responses_by_kind_and_use", "larder_responses_by_body", "larder_facts_by_document",
    ]
    private let server: PostgresServer
    private let database: String

    init() async throws {
        server = try PostgresServer()
        try server.stop()
        try server.start(Self.settings)
        database = try await server.makeDatabase()
    }

    func open() async throws -> OpenRows {
        var settings = PostgresSettings(
            hosts: [.init(name: "127.0.0.1", port: server.port)], user: PostgresServer.user,
            password: PostgresServer.password, database: database)
        settings.coordinates = RowsBenchmark.coordinates
        let store = try await PostgresMetadata.open(settings)
        return OpenRows(store: store) { await store.close() }
    }

    func fill(_ count: Int, like sample: CacheKey) async throws {
        let names = Self.indices.map { "'\($0)'" }.joined(separator: ", ")
        let makes = try await ask(
            "SELECT indexdef || ';' FROM pg_indexes WHERE indexname IN (\(names))")
        let key = "convert_to(\(Self.key), 'UTF8')"
        try await ask(
            """
            \(Self.indices.map { "DROP INDEX \($0);" }.joined())
            ALTER TABLE larder_responses DISABLE TRIGGER USER;
            CREATE TEMP TABLE sample AS SELECT * FROM larder_responses
                WHERE key = '\(sample.text)'::bytea;
            CREATE TEMP TABLE named AS SELECT * FROM larder_facts
                WHERE artifact = '\(sample.text)'::bytea;
            INSERT INTO larder_responses (key, kind, headers, body, byte_count, entity_tag,
                stored_at, validated_at, lifetime_seconds, used_at)
            SELECT \(key), kind, headers, decode(md5(i::text) || md5(i || 'x'), 'hex'), byte_count,
                convert_to(md5(i::text), 'UTF8'), stored_at, validated_at, lifetime_seconds,
                (random() * 1000000000)::bigint
            FROM generate_series(1, \(count)) AS i CROSS JOIN sample;
            INSERT INTO larder_facts (artifact, document_id, url, digests, byte_count, version,
                published_at)
            SELECT \(key), document_id + 1 + i / 100, url, digests, byte_count, version,
                published_at
            FROM generate_series(1, \(count)) AS i CROSS JOIN named;
            UPDATE larder_totals SET response_count = response_count + \(count),
                byte_count = byte_count + \(count)::bigint * 100000 WHERE id = 0;
            UPDATE larder_package_backlog
                SET next_id = 0, last_id = (SELECT max(id) FROM larder_responses);
            ALTER TABLE larder_responses ENABLE TRIGGER USER;
            \(makes)
            """)
        for table in ["larder_responses", "larder_facts"] {
            try await ask("VACUUM (ANALYZE, FREEZE) \(table)")
        }
    }

    func forgetPages() async throws {
        let server = server
        try await ServerProgram.aside { try server.stop() }
        try await Self.forgetPages(below: server.folder)
        try await ServerProgram.aside { try server.start(Self.settings) }
    }

    @discardableResult
    private func ask(_ sql: String) async throws -> String {
        try await server.ask(sql, in: database)
    }
}
