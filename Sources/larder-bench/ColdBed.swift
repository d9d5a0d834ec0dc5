import Digests
import Ecosystems
import Foundation
import Support

/// Servers with one database and one bucket, and an upstream with pages and files.
final class ColdBed {
    /// What a page lists; one file of it exists.
    static let filesPerPage = 40
    static let fileByteCount = 100_000
    static let largeByteCount = 20_000_000
    static let largeCount = 5
    private static let database = "cold"
    private static let settings = [
        "fsync=on", "shared_buffers=128MB", "shared_preload_libraries=pg_stat_statements",
        "pg_stat_statements.track_planning=on",
    ]

    let origin: OriginStub
    let bucket: any ColdBucket
    let pages: [String]
    let files: [String]
    let large: [String]
    private let postgres: PostgresServer
    private let program: String

    init(_ count: Int, _ bucket: any ColdBucket, program: String) throws {
        self.bucket = bucket
        self.program = program
        postgres = try PostgresServer()
        try postgres.stop()
        try postgres.start(Self.settings)
        origin = try OriginStub()
        pages = (0..<count).map { "/simple/cold\($0)/" }
        var paths: [String] = []
        for number in 0..<count {
            let pattern = Pattern(byteCount: Self.fileByteCount, seed: UInt32(number + 1))
            paths.append(try Self.publish("cold\(number)", pattern, at: origin))
        }
        files = paths
        paths = []
        for number in 0..<Self.largeCount {
            let pattern = Pattern(byteCount: Self.largeByteCount, seed: UInt32(number + 1))
            paths.append(try Self.publish("large\(number)", pattern, at: origin))
        }
        large = paths
    }

    /// Makes the database, with the extension that counts.
    func prepare() async throws {
        _ = try await postgres.ask("CREATE DATABASE \(Self.database)", in: "postgres")
        _ = try await postgres.ask("CREATE EXTENSION pg_stat_statements", in: "postgres")
    }

    /// One more server, with nothing of its own.
    func start() throws -> RunningLarder {
        let settings = bucket.settings.merging([
            "DB_URL": postgres.url(Self.database),
            "LARDER_PYPI_UPSTREAM": origin.base + "/simple/",
        ]) { $1 }
        return try RunningLarder(program, root: "/pypi", settings)
    }

    /// Publishes a project with one file that exists; gives the file's path.
    private static func publish(
        _ project: String, _ pattern: Pattern, at origin: OriginStub
    ) throws -> String {
        func entry(_ version: Int, _ path: String, _ digest: String, _ byteCount: Int) -> String {
            """
            {"filename":"\(project)-\(version).0-py3-none-any.whl","url":"../..\(path)",\
            "hashes":{"sha256":"\(digest)"},"size":\(byteCount),"yanked":false,\
            "requires-python":">=3.9","upload-time":"2024-01-02T03:04:05.000006Z"}
            """
        }
        func path(_ version: Int, _ digest: String) -> String {
            "/packages/\(digest.prefix(2))/\(digest.dropFirst(2).prefix(2))/\(digest.dropFirst(4))/"
                + "\(project)-\(version).0-py3-none-any.whl"
        }
        let digest = BlobDigest.of(pattern.bytes).hex
        var entries = [entry(1, path(1, digest), digest, pattern.byteCount)]
        for version in 2...filesPerPage {
            let other = BlobDigest.of(Array("\(project) \(version)".utf8)).hex
            entries.append(entry(version, path(version, other), other, pattern.byteCount))
        }
        let page = """
            {"meta":{"api-version":"1.1"},"name":"\(project)","versions":[],\
            "files":[\(entries.joined(separator: ","))]}
            """
        let type = "application/vnd.pypi.simple.v1+json"
        origin.route(
            "/simple/\(project)/",
            .entity(.bytes(Array(page.utf8)), tag: "\"\(digest.prefix(8))\"", type: type))
        origin.route(path(1, digest), .entity(.pattern(pattern), tag: "\"\(digest.prefix(16))\""))
        return path(1, digest)
    }

    // MARK: Costs

    /// What everything has cost so far.
    func costs(of server: RunningLarder) async throws -> ColdCosts {
        let counted = try await postgres.ask(
            """
            SELECT coalesce(sum(calls) FILTER (WHERE query = 'COMMIT'), 0) || ' '
                || coalesce(sum(calls), 0) || ' '
                || coalesce(sum(total_exec_time + total_plan_time), 0) || ' '
                || pg_database_size('\(Self.database)') || ' '
                || pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')
            FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
            WHERE datname = '\(Self.database)'
            """, in: "postgres"
        ).split(separator: " ").compactMap { Double($0) }
        guard counted.count == 5, let root = postgres.processIdentifier else {
            throw BenchmarkFault(description: "PostgreSQL does not tell what it did")
        }
        return ColdCosts(
            transactions: counted[0], statements: counted[1],
            executionSeconds: counted[2] / 1e3,
            databaseBytes: counted[3], logBytes: counted[4],
            larderSeconds: try ProcessTree.processorSeconds(of: server.processIdentifier),
            databaseSeconds: try ProcessTree.processorSeconds(of: root),
            bucketSeconds: try bucket.processorSeconds(),
            upstreamRequests: Double(origin.ledger.requests.count),
            bucketRequests: bucket.requestCounts())
    }
}

/// What has been used of everything up to a moment, or between two.
struct ColdCosts {
    /// Each is one round trip of a pipeline.
    var transactions: Double
    var statements: Double
    /// Of PostgreSQL's own account, planning included.
    var executionSeconds: Double
    var databaseBytes: Double
    /// Of the write-ahead log.
    var logBytes: Double
    /// Processor time of one server, of PostgreSQL with all its processes, and of the bucket.
    var larderSeconds: Double
    var databaseSeconds: Double
    var bucketSeconds: Double?
    var upstreamRequests: Double
    /// By method, with the parts of an upload by themselves; nil where nobody counts.
    var bucketRequests: [String: Int]?

    static func - (later: ColdCosts, earlier: ColdCosts) -> ColdCosts {
        ColdCosts(
            transactions: later.transactions - earlier.transactions,
            statements: later.statements - earlier.statements,
            executionSeconds: later.executionSeconds - earlier.executionSeconds,
            databaseBytes: later.databaseBytes - earlier.databaseBytes,
            logBytes: later.logBytes - earlier.logBytes,
            larderSeconds: later.larderSeconds - earlier.larderSeconds,
            databaseSeconds: later.databaseSeconds - earlier.databaseSeconds,
            bucketSeconds: later.bucketSeconds.map { $0 - (earlier.bucketSeconds ?? 0) },
            upstreamRequests: later.upstreamRequests - earlier.upstreamRequests,
            bucketRequests: later.bucketRequests?.merging(earlier.bucketRequests ?? [:]) { $0 - $1 }
        )
    }
}
