import Backends
import Foundation
import PostgresStore
import Support

/// The servers that tests share; each test has a database of its own on them.
enum Servers {
    /// A machine that must run everything fails where it lacks a program.
    static let arePresent =
        PostgresServer.isInstalled && PgBouncer.isInstalled
        || ProcessInfo.processInfo.environment["CI"] == "true"

    private static let sharedServer = Result { try PostgresServer() }
    private static let sharedBouncer = Result { try PgBouncer(before: try sharedServer.get()) }

    static func server() async throws -> PostgresServer {
        try await ServerProgram.aside { try sharedServer.get() }
    }

    static func bouncer() async throws -> PgBouncer {
        try await ServerProgram.aside { try sharedBouncer.get() }
    }

    /// How to reach a database of a test's server.
    static func settings(
        _ database: String, port: Int, parameters: [String: String] = [:]
    ) -> PostgresSettings {
        PostgresSettings(
            hosts: [.init(name: "127.0.0.1", port: port)], user: PostgresServer.user,
            password: PostgresServer.password, database: database, parameters: parameters)
    }

    /// A store on an empty database of the shared server.
    static func freshStore() async throws -> PostgresMetadata {
        let server = try await server()
        let database = try await server.makeDatabase()
        return try await PostgresMetadata.open(settings(database, port: server.port))
    }
}
