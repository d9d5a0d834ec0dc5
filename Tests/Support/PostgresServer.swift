import Foundation

/// A PostgreSQL server of a test's own, on a free loopback port, with a password; stopped when
/// dropped, or when this process ends.
package final class PostgresServer: Sendable {
    package static let user = "larder"
    package static let password = "hunter2/:@ secret"

    package let port: Int
    private let reserved: LoopbackSocket
    package let folder = NSTemporaryDirectory() + "larder-pg-" + UUID().uuidString.prefix(8)
    private let watcher: Process

    /// Whether Debian's packages, or others of the name, are there.
    package static var isInstalled: Bool { programFolder != nil }

    /// Makes the cluster and starts it; blocks, for a second or more.
    package init() throws {
        reserved = try LoopbackSocket.reserved()
        port = Int(reserved.port)
        watcher = Process()
        try ServerProgram.makeFolder(folder)
        try Foundation.Data(Self.password.utf8).write(
            to: URL(fileURLWithPath: folder + "/password"))
        if ServerProgram.isRoot {
            try ServerProgram.run(["chown", "nobody:nogroup", folder + "/password"])
        }
        try Self.run([
            "initdb", "--no-sync", "--username=\(Self.user)", "--auth=scram-sha-256",
            "--pwfile=\(folder)/password", "--encoding=UTF8", "--locale=C", "-D", cluster,
        ])
        try watch()
        try start()
    }

    deinit {
        try? stop(.immediate)
        watcher.terminate()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Starting and stopping

    package enum Stop: String, Sendable {
        /// Ends sessions, then stops.
        case fast
        /// As a crash.
        case immediate
    }

    /// Starts it, with further settings as `name=value`, and returns when it takes connections.
    package func start(_ settings: [String] = []) throws {
        let all =
            [
                "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder)",
                "fsync=off", "max_connections=300", "shared_buffers=16MB",
            ] + settings
        try Self.run([
            "pg_ctl", "-D", cluster, "-l", folder + "/log", "-w", "-t", "50", "-o",
            all.map { "-c \($0)" }.joined(separator: " "), "start",
        ])
    }

    package func stop(_ stop: Stop = .fast) throws {
        try Self.run(["pg_ctl", "-D", cluster, "-m", stop.rawValue, "-w", "stop"])
    }

    /// Stops it when this process is gone, however it went.
    private func watch() throws {
        let stop = try Self.words(["pg_ctl", "-D", cluster, "-m", "immediate", "stop"])
            .joined(separator: " ")
        watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
        let own = ProcessInfo.processInfo.processIdentifier
        watcher.arguments = [
            "-c", "while kill -0 \(own) 2>/dev/null; do sleep 1; done; \(stop); rm -rf \(folder)",
        ]
        watcher.standardInput = FileHandle.nullDevice
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try watcher.runAlone()
    }

    /// The process that all others of the server come from; nil while it is stopped.
    package var processIdentifier: Int32? {
        let text = try? String(contentsOfFile: cluster + "/postmaster.pid", encoding: .utf8)
        return text?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// What a program gets to reach a database of it.
    package func url(_ database: String) -> String {
        let secret =
            Self.password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgresql://\(Self.user):\(secret)@127.0.0.1:\(port)/\(database)"
    }

    /// Makes a certificate for `localhost` that is its own authority; the server may read both files.
    package func makeCertificate() throws -> (certificate: String, key: String) {
        let files = (certificate: folder + "/tls.crt", key: folder + "/tls.key")
        try ServerProgram.run(
            ServerProgram.unprivileged([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-keyout", files.key, "-out",
                files.certificate,
            ]))
        try ServerProgram.run(["chmod", "600", files.key])
        return files
    }

    // MARK: Asking

    /// Makes an empty database and gives its name.
    package func makeDatabase() async throws -> String {
        let name = "d" + UUID().uuidString.prefix(13).filter { $0 != "-" }.lowercased()
        try await ask("CREATE DATABASE \(name)", in: "postgres")
        return name
    }

    /// Runs statements by `psql`, and gives what they gave: fields by `|`, rows by line.
    ///
    /// `options` are those of the session, as `-c name=value`.
    @discardableResult
    package func ask(
        _ sql: String, in database: String, options: String = ""
    ) async throws -> String {
        let words = try Self.words(
            [
                "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p",
                "\(port)", "-U", Self.user, "-d", database, "-c", sql,
            ])
        let text = try await ServerProgram.runAside(
            words, environment: ["PGPASSWORD": Self.password, "PGOPTIONS": options])
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private var cluster: String { folder + "/cluster" }

    private static func run(_ words: [String]) throws {
        try ServerProgram.run(
            ServerProgram.leavingDaemon(self.words(words)), environment: ["LC_ALL": "C"])
    }

    private static func words(_ words: [String]) throws -> [String] {
        guard let folder = programFolder, let name = words.first else {
            throw ServerProgram.Failure(description: "PostgreSQL is not installed")
        }
        return ServerProgram.unprivileged(["\(folder)/\(name)"] + words.dropFirst())
    }

    /// The newest of Debian's, which are not on PATH.
    private static let programFolder: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    }()
}
