import Foundation
import Support
import Testing

/// Servers without anything of their own: PostgreSQL behind PgBouncer, and a bucket, for all of them.
final class ReplicaBed: Sendable {
    let postgres: PostgresServer
    let bouncer: PgBouncer
    let bucket: SeaweedServer
    let database: String
    let homes: [LarderHome]

    static let isPossible =
        PostgresServer.isInstalled && PgBouncer.isInstalled && SeaweedServer.isInstalled
        || Machine.mustRunAll

    /// Starts the database and the bucket, and settles where the servers will run.
    ///
    /// `settings` are lines of every server's configuration.
    init(_ count: Int = 3, upstream: String? = nil, settings: String = "") async throws {
        let postgres = try await onThread { try PostgresServer() }
        self.postgres = postgres
        bouncer = try await onThread { try PgBouncer(before: postgres, serverConnections: 12) }
        bucket = try await onThread { try SeaweedServer() }
        database = try await postgres.makeDatabase()
        let variables = Self.variables(postgres, bouncer, bucket, database)
        homes = try (0..<count).map { _ in
            try LarderHome(upstream: upstream, variables: variables, settings: settings)
        }
    }

    private static func variables(
        _ postgres: PostgresServer, _ bouncer: PgBouncer, _ bucket: SeaweedServer,
        _ database: String
    ) -> [String: String] {
        let url = postgres.url(database)
            .replacingOccurrences(of: ":\(postgres.port)/", with: ":\(bouncer.port)/")
        return [
            "DB_URL": url,
            "STORAGE_URL":
                "s3://\(SeaweedServer.bucket)/\(database)?endpoint=\(bucket.endpoint)",
            "AWS_ACCESS_KEY_ID": SeaweedServer.keyID,
            "AWS_SECRET_ACCESS_KEY": SeaweedServer.secret,
        ]
    }

    /// Other servers beside these, on another database that is empty, and in the same bucket.
    func othersOnEmptyDatabase(upstream: String) async throws -> [LarderHome] {
        let variables = Self.variables(
            postgres, bouncer, bucket, try await postgres.makeDatabase())
        return try homes.map { _ in try LarderHome(upstream: upstream, variables: variables) }
    }

    /// Starts all servers at once.
    func start() async throws -> [Larder] { try await Self.start(homes) }

    static func start(_ homes: [LarderHome]) async throws -> [Larder] {
        try await withThrowingTaskGroup(of: (Int, Larder).self) { group in
            for (number, home) in homes.enumerated() {
                group.addTask { (number, try await home.start()) }
            }
            var larders: [Int: Larder] = [:]
            for try await (number, larder) in group { larders[number] = larder }
            return larders.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    static func stop(_ larders: [Larder]) async throws {
        for larder in larders { #expect(try await larder.stop() == .exit(0)) }
    }

    /// Stops a server, takes its folder away, and starts it again.
    func restartEmpty(_ number: Int, _ larder: Larder) async throws -> Larder {
        #expect(try await larder.stop() == .exit(0))
        try FileManager.default.removeItem(atPath: homes[number].store)
        return try await homes[number].start()
    }

    func ask(_ sql: String) async throws -> String { try await postgres.ask(sql, in: database) }
}

/// Many clients that ask several servers for the same files, and compare every byte.
struct Herd: Decodable, Sendable {
    /// Answers with the right bytes.
    let right: Int
    /// Complete answers with others, and answers that broke off.
    let wrong: [String]
    /// Answers by their status, and requests without one.
    let others: [String: Int]
    let seconds: Double
    /// Seconds that an answer took: the middle one and the longest.
    let median: Double
    let longest: Double

    /// Runs so many clients at each port; every one asks for all files once, each in its own order.
    static func run(
        _ count: Int, of files: [Upstream.File], from ports: [Int], withPages: Bool = false
    ) async throws -> Herd {
        let scratch = try TemporaryFolder()
        let wanted = files.map { ["target": $0.target, "sha256": $0.sha256] }
        let pages = withPages ? files.map { ["target": "/pypi/simple/\($0.project)/"] } : []
        let list = try JSONSerialization.data(withJSONObject: pages + wanted)
        let file = try scratch.write(String(decoding: list, as: UTF8.self), to: "files.json")
        let outcome = try await ChildProcess.run(
            [
                "python3", Machine.script("herd.py"),
                ports.map(String.init).joined(separator: ","), "\(count)", file,
            ], within: 900)
        try #require(outcome.isGood, "\(outcome.output)")
        let line = try #require(outcome.output.split(separator: "\n").last)
        return try JSONDecoder().decode(Herd.self, from: Foundation.Data(line.utf8))
    }
}

extension Upstream {
    /// Publishes so many projects of one file each, whose names begin with `prefix`.
    func publish(_ count: Int, _ prefix: String, byteCount: Int) throws -> [File] {
        try (0..<count).map { number in
            try publish(
                "\(prefix)\(number)", Pattern(byteCount: byteCount, seed: UInt32(number + 1)))
        }
    }

    /// How often each of these files was transferred.
    func transfers(of files: [File]) -> [Int] {
        let counts = Dictionary(grouping: ledger.requests, by: \.path).mapValues(\.count)
        return files.map { counts[$0.path] ?? 0 }
    }
}
