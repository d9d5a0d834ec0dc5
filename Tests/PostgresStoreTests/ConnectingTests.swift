import Backends
import PostgresStore
import Support
import Testing

/// What an operator hears of a server that cannot be used.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: Servers.arePresent, "PostgreSQL and PgBouncer are not installed"))
struct ConnectingTests {
    struct Place: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var host = "127.0.0.1"
        /// nil: the server's.
        var port: Int?
        var password = PostgresServer.password
        var database = "postgres"
        var parameters: [String: String] = [:]
        let expected: ConnectFault
    }

    static let places: [Place] = [
        Place(testDescription: "nothing listens there", port: 1, expected: .refused),
        Place(
            testDescription: "no such socket", host: "/nonexistent", expected: .refused),
        Place(
            testDescription: "a name that nobody has", host: "a..b", expected: .unknownHost),
        Place(
            testDescription: "a wrong password", password: "wrong", expected: .denied),
        Place(
            testDescription: "no such database", database: "none", expected: .noDatabase),
        Place(
            testDescription: "TLS asked of a server without it",
            parameters: ["sslmode": "require"], expected: .untrusted),
        Place(
            testDescription: "a parameter that libpq refuses",
            parameters: ["sslmode": "sometimes"], expected: .unusable),
    ]

    @Test("what is wrong with a connection is told, and nothing else", arguments: places)
    func faults(_ row: Place) async throws {
        let server = try await Servers.server()
        let settings = PostgresSettings(
            hosts: [.init(name: row.host, port: row.port ?? server.port)],
            user: PostgresServer.user, password: row.password, database: row.database,
            parameters: row.parameters)
        await #expect(throws: StoreOpenError.unreachable(row.expected)) {
            try await PostgresMetadata.open(settings)
        }
    }

    @Test("a server that says nothing is given up in time")
    func silence() async throws {
        let silent = try LoopbackSocket.listening()
        var settings = Servers.settings("postgres", port: Int(silent.port))
        settings.connectTimeout = .milliseconds(300)
        settings.patience = .seconds(1)
        await #expect(throws: StoreOpenError.unreachable(.timedOut)) {
            try await PostgresMetadata.open(settings)
        }
        withExtendedLifetime(silent) {}
    }

    @Test("a server that starts late is waited for")
    func lateServer() async throws {
        let server = try await ServerProgram.aside { try PostgresServer() }
        let settings = Servers.settings("postgres", port: server.port)
        try await ServerProgram.aside { try server.stop() }
        let news = Watched<[PostgresNews]>([])
        async let store = PostgresMetadata.open(settings, patience: .seconds(60)) { item in
            news.update { $0.append(item) }
        }
        await news.until { $0.contains(.unreachable(.refused)) }
        try await ServerProgram.aside { try server.start() }
        let opened = try await store
        #expect(try await opened.totals() == StoreTotals(responseCount: 0, byteCount: 0))
        #expect(news.value.last == .reachable)
        await opened.close()
    }

    @Test("TLS is proved by the authority that the operator names, and by nothing else")
    func tls() async throws {
        let server = try await ServerProgram.aside { try PostgresServer() }
        let files = try await ServerProgram.aside { try server.makeCertificate() }
        try await ServerProgram.aside {
            try server.stop()
            try server.start([
                "ssl=on", "ssl_cert_file=\(files.certificate)", "ssl_key_file=\(files.key)",
            ])
        }
        func settings(_ host: String, _ parameters: [String: String]) -> PostgresSettings {
            PostgresSettings(
                hosts: [.init(name: host, port: server.port)], user: PostgresServer.user,
                password: PostgresServer.password, database: "postgres", parameters: parameters)
        }
        let proof = ["sslmode": "verify-full", "sslrootcert": files.certificate]
        let store = try await PostgresMetadata.open(settings("localhost", proof))
        let isEncrypted =
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
            + "WHERE application_name = 'larder'"
        #expect(try await server.ask(isEncrypted, in: "postgres") == "t")
        await store.close()
        for (host, parameters) in [
            ("127.0.0.1", proof),
            (
                "localhost",
                ["sslmode": "verify-full", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"]
            ),
        ] {
            await #expect(throws: StoreOpenError.unreachable(.untrusted)) {
                try await PostgresMetadata.open(settings(host, parameters))
            }
        }
    }

    @Test("the password is in nothing that is printed")
    func secrecy() {
        let settings = Servers.settings("postgres", port: 5432)
        var dumped = ""
        dump(settings, to: &dumped)
        let printed = "\(settings) \(String(reflecting: settings)) \(dumped)"
        #expect(printed.contains("127.0.0.1:5432"))
        #expect(!printed.contains("hunter2"))
    }

    @Test("a closed store refuses, and closing it twice is harmless")
    func closing() async throws {
        let store = try await Servers.freshStore()
        await store.close()
        await store.close()
        await #expect(throws: StoreError.closed) { try await store.totals() }
    }
}
