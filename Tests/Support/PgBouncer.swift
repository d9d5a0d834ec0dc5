import Foundation

/// PgBouncer in transaction mode before a server; stopped when dropped, or when this
/// process ends.
package final class PgBouncer: Sendable {
    package let port: Int
    private let reserved: LoopbackSocket
    private let folder = NSTemporaryDirectory() + "larder-pgb-" + UUID().uuidString.prefix(8)
    private let process = Process()

    private static let program = "/usr/sbin/pgbouncer"

    package static var isInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: program)
    }

    /// Starts it, with few connections to the server; it listens a moment later.
    package init(before server: PostgresServer, serverConnections: Int = 4) throws {
        reserved = try LoopbackSocket.reserved()
        port = Int(reserved.port)
        try ServerProgram.makeFolder(folder)
        let password = PostgresServer.password
        try write("\"\(PostgresServer.user)\" \"\(password)\"\n", to: "users")
        try write(
            """
            [databases]
            * = host=127.0.0.1 port=\(server.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = \(folder)/users
            pool_mode = transaction
            default_pool_size = \(serverConnections)
            max_client_conn = 500
            server_login_retry = 1
            logfile = \(folder)/log

            """, to: "pgbouncer.ini")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // It ends with this process, however that goes.
        let own = ProcessInfo.processInfo.processIdentifier
        let script = """
            "$@" & child=$!
            trap 'kill -KILL $child; exit' TERM
            while kill -0 \(own) 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 1; done
            kill -KILL $child
            rm -rf '\(folder)'
            """
        process.arguments =
            ["sh", "-c", script, "sh"]
            + ServerProgram.unprivileged([Self.program, "-q", folder + "/pgbouncer.ini"])
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
    }

    deinit {
        process.terminate()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func write(_ text: String, to name: String) throws {
        let file = "\(folder)/\(name)"
        try Foundation.Data(text.utf8).write(to: URL(fileURLWithPath: file))
        if ServerProgram.isRoot { try ServerProgram.run(["chown", "nobody:nogroup", file]) }
    }
}
