package import Resources

/// Where the database server is, who we are to it, and the limits of talking to it.
package struct PostgresSettings: Sendable {
    package struct Host: Sendable, Hashable {
        /// A name, an address, or the absolute path of the folder of a Unix socket.
        package let name: String
        package let port: Int

        package init(name: String, port: Int) {
            self.name = name
            self.port = port
        }
    }

    /// Tried in this order; with several, those that refuse writes are passed over.
    package let hosts: [Host]
    /// nil: as libpq finds it, in its environment or the name of the process's user.
    package let user: String?
    /// nil: as the user.
    package let database: String?
    /// libpq's own parameters, as sslmode.
    package let parameters: [String: String]
    private let password: String?

    /// The most connections.
    package var connectionLimit = 8
    /// The longest a connection may take to be made, in all its steps.
    package var connectTimeout = Duration.seconds(5)
    /// The longest that the server may work at one statement, waiting for locks included.
    package var statementTimeout = Duration.seconds(5)
    /// The same for a lease, which only saves work.
    package var leaseTimeout = Duration.seconds(2)
    /// The longest that callers wait for a server that has gone; later ones fail at once.
    package var patience = Duration.seconds(3)
    /// The most transactions that may wait for a connection.
    package var waitingLimit = 4_096
    /// Which package a file is entered under; nothing is entered where it names none.
    package var coordinates: PackageCoordinates.Reader = { _, _ in nil }

    package init(
        hosts: [Host], user: String?, password: String?, database: String?,
        parameters: [String: String] = [:]
    ) {
        self.hosts = hosts
        self.user = user
        self.password = password
        self.database = database
        self.parameters = parameters
    }

    /// What libpq is told, in its own words (its manual, "Parameter Key Words").
    func parameterWords() -> [(name: String, value: String)] {
        var words = [
            "host": hosts.map(\.name).joined(separator: ","),
            "port": hosts.map { "\($0.port)" }.joined(separator: ","),
            "client_encoding": "UTF8", "application_name": "larder",
            // Kerberos would look for tickets of the process's user, over the network.
            "gssencmode": "disable",
            // A server that went without a word is noticed within seconds.
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5",
            "keepalives_count": "3", "tcp_user_timeout": "10000",
        ]
        if hosts.count > 1 { words["target_session_attrs"] = "read-write" }
        words["user"] = user
        words["password"] = password
        words["dbname"] = database
        return words.merging(parameters) { $1 }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
    }
}

extension PostgresSettings: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The servers alone.
    package var description: String {
        hosts.map { $0.name.contains(":") ? "[\($0.name)]:\($0.port)" : "\($0.name):\($0.port)" }
            .joined(separator: ",")
    }

    package var debugDescription: String { description }

    // `dump` and test failures read mirrors, and the password is among the fields.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
