internal import CSQLite

extension SQLiteMetadata {
    package static var libraryVersion: String {
        unsafe sqlite3_libversion().map { unsafe String(cString: $0) } ?? "unknown"
    }
}
