internal import Backends
internal import CSQLite
internal import Linux

/// A result code of SQLite, extended where it has extended codes.
struct SQLiteFailure: Error, Hashable {
    let code: Int32

    /// The code without its extension.
    var primary: Int32 { code & 0xFF }
}

extension StoreError {
    init(_ failure: SQLiteFailure) {
        switch failure.primary {
        case SQLITE_FULL: self = .full
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        default: self = .database(code: failure.code)
        }
    }
}

extension StoreOpenError {
    init(_ failure: SQLiteFailure) {
        switch failure.primary {
        case SQLITE_NOTADB, SQLITE_CORRUPT: self = .damaged
        case SQLITE_READONLY: self = .readOnly
        case SQLITE_CANTOPEN: self = .notOpened
        case SQLITE_FULL: self = .system(.noSpace)
        case SQLITE_IOERR: self = .system(.inputOutput)
        case SQLITE_BUSY, SQLITE_LOCKED: self = .locked
        default: self = .database(code: failure.code)
        }
    }
}
