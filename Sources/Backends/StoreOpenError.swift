package import Linux

/// Why a store cannot be opened; the operator has to act, so each text says on what.
package enum StoreOpenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another server has the folder.
    case locked
    /// Written by a newer version of this program.
    case newerSchema(found: Int, known: Int)
    /// Written by an older version, and not to be changed by whoever opens it.
    case olderSchema(found: Int, known: Int)
    /// A database, but of another program.
    case foreignDatabase
    /// Not a database, or damaged.
    case damaged
    /// The log of the last changes that lies beside the database is none.
    case damagedLog
    /// There is none, or an empty one, beside files that only it could tell the names of.
    case missing
    /// It can be read, and not written.
    case readOnly
    /// The file cannot be opened or made.
    case notOpened
    /// A network file system, on which the database would be damaged sooner or later.
    case sharedFileSystem(name: String)
    /// A folder or file cannot be made, opened or written.
    case system(Errno)
    /// The database failed, with its own code.
    case database(code: Int32)
    /// The database server cannot be reached.
    case unreachable(ConnectFault)
    /// The user may not make or change tables.
    case notPermitted
    /// The database server refused, and how it calls that.
    case refused(SQLState)

    package var description: String {
        switch self {
        case .locked: "another server uses this folder"
        case .newerSchema(let found, let known):
            "the database has schema \(found), and this version knows none past \(known)"
        case .olderSchema(let found, let known):
            "the database has schema \(found), and a server of this version has to bring it to \(known)"
        case .foreignDatabase: "the database belongs to another program"
        case .damaged: "the database file is damaged or no database"
        case .damagedLog:
            "the -wal file beside it is damaged; restore both, or remove that one to go on without the last changes"
        case .missing:
            "it is missing or empty, and there are stored files; restore it, or remove the files to begin anew"
        case .readOnly: "it cannot be written; look at the permissions of the file and its folder"
        case .notOpened: "it cannot be opened; look at the permissions of the file and its folder"
        case .sharedFileSystem(let name): "the database cannot be kept on \(name)"
        case .system(let error): error.description
        case .database(let code): "the database failed with code \(code)"
        case .unreachable(let fault): fault.description
        case .notPermitted:
            "its user may not create tables there; make the user own the database or its schema"
        case .refused(let state): "the database refused with SQLSTATE \(state)"
        }
    }
}
