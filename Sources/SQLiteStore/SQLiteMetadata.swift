package import Backends
internal import Linux
package import Resources

/// The metadata database in one SQLite file (WAL) on a local disk, for one server.
///
/// One writer commits what arrives together in one transaction; two readers see every commit at
/// once. What came from an upstream may lose the last moments in a crash of the machine, since it
/// can be fetched again; pins are synced before ``pin(_:to:)`` returns.
package final class SQLiteMetadata: MetadataStore, Inventory {
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders
    /// Which package a file is entered under; nothing is entered where it names none.
    let coordinates: PackageCoordinates.Reader

    /// Opens or makes the database `name` in an existing folder.
    ///
    /// Blocks; its cost does not grow with what is stored. Without `migrates` an older database is
    /// left as it is, no new one is made, and ``StoreOpenError/olderSchema(found:known:)`` says so.
    /// `mayBeNew` is asked only where there is no database or an empty one.
    package init(
        folder: String, name: String = "metadata.sqlite", migrates: Bool = true,
        coordinates: @escaping PackageCoordinates.Reader = { _, _ in nil },
        mayBeNew: () -> Bool = { true }
    ) throws(StoreOpenError) {
        self.coordinates = coordinates
        try Self.look(at: name, in: folder, mayBeNew)
        let path = folder + "/" + name
        writer = SQLiteWriter(try Self.connect(path, migrates: migrates, mayBeNew))
        readers = SQLiteReaders([
            try Self.connectForReading(path), try Self.connectForReading(path),
        ])
    }

    /// Refuses further calls, and returns when the writes before it are committed and in the
    /// database's own file.
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
        _ path: String, migrates: Bool, _ mayBeNew: () -> Bool
    ) throws(StoreOpenError) -> SQLiteConnection {
        let connection: SQLiteConnection
        do throws(SQLiteFailure) {
            connection = try SQLiteConnection(path: path)
        } catch {
            throw StoreOpenError(error)
        }
        try SQLiteSchema.prepare(connection, migrates: migrates, mayBeNew: mayBeNew)
        return connection
    }

    /// Refuses what SQLite itself would take without a word.
    private static func look(
        at name: String, in folder: String, _ mayBeNew: () -> Bool
    ) throws(StoreOpenError) {
        let kind: FileSystemKind
        let isThere: Bool
        let hasGoodLog: Bool
        do throws(Errno) {
            let directory = try Directory.open(folder)
            kind = try directory.fileSystemKind()
            isThere = try byteCount(of: name, in: directory) != nil
            hasGoodLog = try hasLogOrNone(name, in: directory)
        } catch {
            throw .system(error)
        }
        if case .shared(let kind) = kind { throw .sharedFileSystem(name: kind) }
        guard isThere || mayBeNew() else { throw .missing }
        guard hasGoodLog else { throw .damagedLog }
    }

    private static func byteCount(
        of name: String, in directory: Directory
    ) throws(Errno) -> Int? {
        do throws(Errno) {
            return try directory.byteCount(of: name)
        } catch .noEntry {
            return nil
        }
    }

    /// Whether a write-ahead log begins as one (<https://www.sqlite.org/fileformat2.html#walformat>).
    ///
    /// SQLite takes one that does not for empty, and with it what was committed and is in no other
    /// file yet. Zeros are what a crash leaves of a log that nothing was committed to.
    private static func hasLogOrNone(_ name: String, in directory: Directory) throws(Errno) -> Bool
    {
        let log = name + "-wal"
        guard let byteCount = try byteCount(of: log, in: directory), byteCount >= 32 else {
            return true
        }
        let start = try OpenFile(in: directory, named: log).read(at: 0, count: 4)
        return start.allSatisfy { $0 == 0 } || start.starts(with: [0x37, 0x7F, 0x06])
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
