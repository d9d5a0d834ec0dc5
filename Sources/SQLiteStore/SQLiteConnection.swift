internal import CSQLite

/// One connection to a database file, with its prepared statements.
///
/// Used on one lane at a time, never by two threads at once: it is opened without SQLite's own
/// mutexes.
@safe final class SQLiteConnection {
    private let database: OpaquePointer
    private var statements: [String: Prepared] = [:]

    /// Opens the file, making it when it is missing, with every defence switched on.
    init(path: String) throws(SQLiteFailure) {
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_EXRESCODE
        let result = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened = unsafe opened else { throw SQLiteFailure(code: SQLITE_NOMEM) }
        guard result == SQLITE_OK else {
            // A failed open gives a handle all the same, which has to be closed.
            unsafe sqlite3_close_v2(opened)
            throw SQLiteFailure(code: result)
        }
        unsafe database = opened
        try defend()
    }

    deinit {
        // SQLite closes once the last statement is finalized, which happens right after this.
        unsafe sqlite3_close_v2(database)
    }

    /// Runs a script of statements without parameters and without results.
    func execute(_ script: String) throws(SQLiteFailure) {
        try check(unsafe sqlite3_exec(database, script, nil, nil, nil))
    }

    /// Runs a statement that gives no rows.
    func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteFailure) {
        _ = try rows(sql, values) { _ in () }
    }

    /// Runs a statement and reads what it gives; its text is the key of its prepared form.
    func rows<Element>(
        _ sql: String, _ values: [SQLiteValue] = [], _ read: (borrowing SQLiteRow) -> Element
    ) throws(SQLiteFailure) -> [Element] {
        let statement = unsafe try prepared(sql).statement
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            try unsafe bind(value, to: Int32(index + 1), of: statement)
        }
        var elements: [Element] = []
        while true {
            switch unsafe sqlite3_step(statement) {
            case SQLITE_ROW: elements.append(read(unsafe SQLiteRow(statement)))
            case SQLITE_DONE: return elements
            case let code: throw SQLiteFailure(code: code)
            }
        }
    }

    /// The first integer that a statement gives; NULL and no row are nil.
    func integer(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteFailure) -> Int64? {
        try rows(sql, values) { $0.integer(0) }.first ?? nil
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(database) == 0 }

    /// Whether the file could be opened for reading only.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(database, "main") == 1 }

    /// How long a statement waits for another process's lock.
    func setPatience(milliseconds: Int32) {
        unsafe sqlite3_busy_timeout(database, milliseconds)
    }

    /// Switches on what <https://www.sqlite.org/security.html> recommends.
    private func defend() throws(SQLiteFailure) {
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_DQS_DDL, 0),
        ] {
            try check(unsafe shim_sqlite3_set(database, option, Int32(value)))
        }
        // No row of ours comes near a MiB, no statement near 16 KiB, and nothing is attached.
        unsafe sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20)
        unsafe sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, 16 << 10)
        unsafe sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0)
        unsafe sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 20)
        try check(unsafe sqlite3_busy_timeout(database, 5000))
        try execute(
            """
            PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096;
            PRAGMA mmap_size = 0;
            """)
    }

    private func prepared(_ sql: String) throws(SQLiteFailure) -> Prepared {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        try check(unsafe sqlite3_prepare_v3(database, sql, -1, flags, &statement, nil))
        guard let statement = unsafe statement else { throw SQLiteFailure(code: SQLITE_MISUSE) }
        let prepared = unsafe Prepared(statement)
        statements[sql] = prepared
        return prepared
    }

    private func bind(
        _ value: SQLiteValue, to index: Int32, of statement: OpaquePointer
    ) throws(SQLiteFailure) {
        switch value {
        case .null:
            try check(unsafe sqlite3_bind_null(statement, index))
        case .integer(let integer):
            try check(unsafe sqlite3_bind_int64(statement, index, integer))
        case .text(let text):
            try check(
                unsafe shim_sqlite3_bind_text(statement, index, text, UInt64(text.utf8.count)))
        case .bytes(let bytes):
            // An empty array may have no address, and SQLite would bind NULL.
            guard !bytes.isEmpty else {
                try check(unsafe sqlite3_bind_zeroblob(statement, index, 0))
                return
            }
            try check(unsafe shim_sqlite3_bind_blob(statement, index, bytes, UInt64(bytes.count)))
        }
    }

    private func check(_ result: Int32) throws(SQLiteFailure) {
        guard result == SQLITE_OK else { throw SQLiteFailure(code: result) }
    }
}

/// A compiled statement, finalized with its last reference.
@safe private final class Prepared {
    let statement: OpaquePointer

    init(_ statement: OpaquePointer) {
        unsafe self.statement = statement
    }

    deinit { unsafe sqlite3_finalize(statement) }
}

// It moves to the one lane that uses it, and no call on it is made from elsewhere.
extension SQLiteConnection: @unchecked Sendable {}
