package import Backends
internal import Linux

/// The metadata database in one SQLite file (WAL) on a local disk, for one server.
///
/// One writer commits what arrives together in one transaction; two readers see every commit at
/// once. What came from an upstream may lose the last moments in a crash of the machine, since it
/// can be fetched again; pins are synced before ``pin(_:to:)`` returns.
package final class SQLiteMetadata: MetadataStore, Inventory {
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders

    /// Opens or makes the database `name` in an existing folder.
    ///
    /// Blocks; its cost does not grow with what is stored. Without `migrates` an older database is
    /// left as it is, no new one is made, and ``StoreOpenError/olderSchema(found:known:)`` says so.
    package init(
        folder: String, name: String = "metadata.sqlite", migrates: Bool = true
    ) throws(StoreOpenError) {
        if case .shared(let kind) = try Self.fileSystem(of: folder) {
            throw .sharedFileSystem(name: kind)
        }
        let path = folder + "/" + name
        writer = SQLiteWriter(try Self.connect(path, migrates: migrates))
        readers = SQLiteReaders([
            try Self.connectForReading(path), try Self.connectForReading(path),
        ])
    }

    /// Refuses further calls, and returns when the writes before it are committed.
    package func close() async {
        await writer.close()
    }

    func read<Success: Sendable>(
        _ work: @escaping @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success
    ) async throws(StoreError) -> Success {
        if writer.isClosed { throw .closed }
        return try await readers.read(work)
    }

    func write<Success: Sendable>(
        _ durability: Durability,
        _ work: @escaping @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success
    ) async throws(StoreError) -> Success {
        try await writer.write(durability, work)
    }

    private static func connect(
        _ path: String, migrates: Bool
    ) throws(StoreOpenError) -> SQLiteConnection {
        let connection: SQLiteConnection
        do throws(SQLiteFailure) {
            connection = try SQLiteConnection(path: path)
        } catch {
            throw StoreOpenError(error)
        }
        try SQLiteSchema.prepare(connection, migrates: migrates)
        return connection
    }

    private static func fileSystem(of folder: String) throws(StoreOpenError) -> FileSystemKind {
        do throws(Errno) {
            return try Directory.open(folder).fileSystemKind()
        } catch {
            throw .system(error)
        }
    }

    private static func connectForReading(
        _ path: String
    ) throws(StoreOpenError) -> SQLiteConnection {
        do throws(SQLiteFailure) {
            let connection = try SQLiteConnection(path: path)
            try connection.execute("PRAGMA query_only = ON")
            return connection
        } catch {
            throw StoreOpenError(error)
        }
    }
}
