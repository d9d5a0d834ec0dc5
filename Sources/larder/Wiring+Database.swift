import Backends
import Configuration
import Linux
import PostgresStore
import SQLiteStore

/// The metadata database in use, whichever it is.
struct OpenDatabase: Sendable {
    let store: any MetadataStore & Inventory
    /// What is left of a migration and takes long, for a server to do while it serves.
    var finishMigration: @Sendable () async -> Void = {}
    let close: @Sendable () async -> Void
}

extension Wiring {
    /// Opens the database, making its tables where there are none.
    ///
    /// Without `migrates` a file of an older version is left alone; on PostgreSQL servers of two
    /// versions run side by side, so there it makes no difference.
    /// A server that cannot be reached is waited for as long as `patience` says. `report` is told how
    /// it is, and its name, and must not block.
    static func database(
        _ settings: Settings, patience: Duration = .zero, migrates: Bool = true,
        report: @escaping @Sendable (PostgresNews, String) -> Void = { _, _ in }
    ) async throws(StartFailure) -> OpenDatabase {
        try await database(
            at: settings.database, settings, patience: patience, migrates: migrates, report: report)
    }

    /// The same for another database than that of the settings.
    static func database(
        at location: DatabaseLocation, _ settings: Settings, patience: Duration = .zero,
        migrates: Bool = true,
        report: @escaping @Sendable (PostgresNews, String) -> Void = { _, _ in }
    ) async throws(StartFailure) -> OpenDatabase {
        switch location {
        case .sqlite(let path):
            let store = try sqlite(path, migrates)
            return OpenDatabase(store: store) { await store.close() }
        case .postgres(let location):
            var server = PostgresSettings(location)
            server.connectionLimit = settings.databaseConnections
            let name = server.description
            do throws(StoreOpenError) {
                let store = try await PostgresMetadata.open(server, patience: patience) {
                    report($0, name)
                }
                return OpenDatabase(store: store, finishMigration: { await store.orderByKind() }) {
                    await store.close()
                }
            } catch {
                throw StartFailure("the database server \(name) cannot be used: \(error)")
            }
        }
    }

    private static func sqlite(
        _ path: String, _ migrates: Bool
    ) throws(StartFailure) -> SQLiteMetadata {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        let name = String(path[path.index(after: slash)...])
        do throws(StoreOpenError) {
            do throws(Errno) {
                _ = try Directory.openOrMake(parent)
            } catch {
                throw .system(error)
            }
            return try SQLiteMetadata(folder: parent, name: name, migrates: migrates)
        } catch .olderSchema {
            throw StartFailure(
                "the database \(path) is that of an older version; start the new server first",
                needsServer: true)
        } catch {
            throw StartFailure("the database \(path) cannot be used: \(error)")
        }
    }
}

extension PostgresSettings {
    fileprivate init(_ location: PostgresLocation) {
        self.init(
            hosts: location.hosts.map { Host(name: $0.name, port: Int($0.port)) },
            user: location.user, password: location.password?.revealed(),
            database: location.database, parameters: location.parameters)
    }
}

extension Observer {
    /// Writes down what became of the database server.
    func databaseChanged(_ news: PostgresNews, server: String) {
        switch news {
        case .unreachable(let fault):
            databaseIsUp(false)
            warn("database-unreachable", ("server", server), ("reason", fault.description))
        case .reachable:
            databaseIsUp(true)
            note("database-reachable", ("server", server))
        case .readOnly:
            warn("database-read-only", ("server", server))
        case .writable:
            note("database-writable", ("server", server))
        }
    }
}
