import Backends
import Configuration
import DiskStore
import Engine
import Linux
import PostgresStore
import SQLiteStore

/// The metadata database in use, whichever it is.
struct OpenDatabase: Sendable {
    let store: any MetadataStore & Inventory & Catalogue
    /// The same, where other servers may write to it.
    var shared: PostgresMetadata?
    /// What is left of a migration and takes long, for a server to do while it serves.
    var finishMigration: @Sendable () async -> Void = {}
    let close: @Sendable () async -> Void

    /// What the engine needs to work beside other servers; nil where there are none.
    func sharing(areBlobsShared: Bool) -> Sharing? {
        shared.map {
            Sharing(
                responses: $0, leases: areBlobsShared ? $0 : nil,
                holder: SystemRandom.hexadecimal(byteCount: 16))
        }
    }

    /// Enters what was stored before there was a catalogue, a little at a time.
    func enterBacklog() async {
        while !Task.isCancelled {
            let pause: Duration
            do throws(StoreError) {
                guard try await store.enterBacklog() else { return }
                // Others write meanwhile.
                pause = .milliseconds(10)
            } catch {
                pause = .seconds(10)
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// What is out of order of a database on another machine; nil when nothing is.
    var degradation: String? {
        guard let health = shared?.health else { return nil }
        if !health.isReachable { return "the database does not answer" }
        return health.isWritable ? nil : "the database takes no writes"
    }
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
            at: settings.database, settings, patience: patience, migrates: migrates,
            beside: settings.storage, report: report)
    }

    /// The same for any database; a new one is refused where there are files in `storage` already,
    /// which had another one then.
    static func database(
        at location: DatabaseLocation, _ settings: Settings, patience: Duration = .zero,
        migrates: Bool = true, beside storage: StorageLocation? = nil,
        report: @escaping @Sendable (PostgresNews, String) -> Void = { _, _ in }
    ) async throws(StartFailure) -> OpenDatabase {
        switch location {
        case .sqlite(let path):
            let store = try sqlite(path, migrates, beside: storage)
            return OpenDatabase(store: store) { await store.close() }
        case .postgres(let location):
            var server = PostgresSettings(location)
            server.connectionLimit = settings.databaseConnections
            server.coordinates = Packages.coordinates
            let name = server.description
            do throws(StoreOpenError) {
                let store = try await PostgresMetadata.open(server, patience: patience) {
                    report($0, name)
                }
                return OpenDatabase(
                    store: store, shared: store, finishMigration: { await store.orderByKind() }
                ) {
                    await store.close()
                }
            } catch {
                throw StartFailure("the database server \(name) cannot be used: \(error)")
            }
        }
    }

    /// What `/readyz` says while something works without what it shares with others.
    static func degradation(
        _ database: OpenDatabase, _ bucket: (@Sendable () -> String?)?, _ observer: Observer
    ) -> @Sendable () -> String? {
        {
            let outside = [database.degradation, bucket?()].compactMap { $0 }
            // What failed lately is said where nothing explains it.
            return outside.isEmpty ? observer.degradation : outside.joined(separator: "; ")
        }
    }

    /// Whether the database's file is where the files are; they are, where nobody can tell.
    static func databaseSharesDisk(_ settings: Settings) -> Bool {
        guard case .sqlite(let path) = settings.database,
            case .directory(let folder) = settings.storage
        else { return false }
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let isShared = try? Directory.open(parent.isEmpty ? "/" : parent)
            .sharesFileSystem(with: Directory.open(folder))
        return isShared ?? true
    }

    private static func sqlite(
        _ path: String, _ migrates: Bool, beside storage: StorageLocation?
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
            return try SQLiteMetadata(
                folder: parent, name: name, migrates: migrates, coordinates: Packages.coordinates
            ) {
                // A bucket is not asked: its folder on this machine may be lost at any time.
                guard case .directory(let folder) = storage else { return true }
                return !DiskBlobs.holdsAny(path: folder)
            }
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
