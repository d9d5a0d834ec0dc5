internal import Backends

/// The tables, in the steps in which they came to be.
///
/// A step never changes once it was released: a database of any older version takes the steps
/// that it lacks, all in one transaction.
enum SQLiteSchema {
    /// "LARD": what `file` and we ourselves recognise the database by.
    static let applicationID: Int64 = 0x4C41_5244

    /// The version after all steps; kept in `user_version`.
    static var version: Int { steps.count }

    /// Checks whose database it is, brings it up to date, and sets the modes of the connection.
    ///
    /// A database that is not ours is left as it was, without `migrates` an older one, and an
    /// empty one where that may not be.
    static func prepare(
        _ connection: SQLiteConnection, migrates: Bool = true, mayBeNew: () -> Bool = { true }
    ) throws(StoreOpenError) {
        let refusal: StoreOpenError?
        do throws(SQLiteFailure) {
            refusal = try prepareUnlessForeign(connection, migrates: migrates, mayBeNew)
        } catch {
            throw StoreOpenError(error)
        }
        if let refusal { throw refusal }
    }

    private static func prepareUnlessForeign(
        _ connection: SQLiteConnection, migrates: Bool, _ mayBeNew: () -> Bool
    ) throws(SQLiteFailure) -> StoreOpenError? {
        let found = try version(of: connection)
        if let refusal = try refusal(of: connection, version: found) { return refusal }
        guard migrates || found == version else {
            return .olderSchema(found: found, known: version)
        }
        guard found > 0 || mayBeNew() else { return .missing }
        if connection.isReadOnly { return .readOnly }
        let mode = try connection.rows("PRAGMA journal_mode = WAL") { $0.text(0) }
        guard mode == ["wal"] else { return .damaged }
        // A crash of the machine may take the last moments, never the consistency; the writer
        // turns FULL on for what must survive.
        try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;")
        if found < version { try migrate(connection) }
        return nil
    }

    private static func version(of connection: SQLiteConnection) throws(SQLiteFailure) -> Int {
        Int(try connection.integer("PRAGMA user_version") ?? 0)
    }

    private static func refusal(
        of connection: SQLiteConnection, version found: Int
    ) throws(SQLiteFailure) -> StoreOpenError? {
        let owner = try connection.integer("PRAGMA application_id") ?? 0
        if owner == applicationID {
            return found > version ? .newerSchema(found: found, known: version) : nil
        }
        // A new file has no owner, no version and no table.
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        return owner == 0 && found == 0 && tables == 0 ? nil : .foreignDatabase
    }

    private static func migrate(_ connection: SQLiteConnection) throws(SQLiteFailure) {
        // Durable before the first file is stored: whoever finds files and no tables refuses them.
        try connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE;")
        do throws(SQLiteFailure) {
            // Read again: another process may have been faster.
            for step in steps.dropFirst(try version(of: connection)) {
                try connection.execute(step)
            }
            try connection.execute(
                """
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                COMMIT;
                """)
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
        try connection.execute("PRAGMA synchronous = NORMAL")
    }

    static let steps = [
        """
        CREATE TABLE responses (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            headers BLOB NOT NULL,
            body BLOB NOT NULL,
            byte_count INTEGER NOT NULL,
            entity_tag TEXT,
            stored_at INTEGER NOT NULL,
            validated_at INTEGER NOT NULL,
            lifetime_seconds INTEGER NOT NULL,
            withdrawn_at INTEGER,
            used_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX responses_by_use ON responses (used_at);
        CREATE INDEX responses_by_body ON responses (body);

        CREATE TABLE totals (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            response_count INTEGER NOT NULL,
            byte_count INTEGER NOT NULL
        ) STRICT;
        INSERT INTO totals VALUES (1, 0, 0);
        CREATE TRIGGER response_added AFTER INSERT ON responses BEGIN
            UPDATE totals SET
                response_count = response_count + 1, byte_count = byte_count + NEW.byte_count;
        END;
        CREATE TRIGGER response_removed AFTER DELETE ON responses BEGIN
            UPDATE totals SET
                response_count = response_count - 1, byte_count = byte_count - OLD.byte_count;
        END;
        CREATE TRIGGER response_resized AFTER UPDATE OF byte_count ON responses
        WHEN NEW.byte_count <> OLD.byte_count BEGIN
            UPDATE totals SET byte_count = byte_count + NEW.byte_count - OLD.byte_count;
        END;

        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE facts (
            artifact TEXT NOT NULL UNIQUE,
            document_id INTEGER NOT NULL,
            url TEXT NOT NULL,
            digests TEXT NOT NULL,
            byte_count INTEGER,
            version TEXT,
            published_at INTEGER
        ) STRICT;
        CREATE INDEX facts_by_publication ON facts (document_id, published_at)
        WHERE published_at IS NOT NULL;

        CREATE TABLE pins (
            artifact TEXT PRIMARY KEY,
            digest BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            upstream TEXT NOT NULL,
            subject TEXT NOT NULL
        ) STRICT;
        """,
        // All facts of a document are looked for, too.
        """
        DROP INDEX facts_by_publication;
        CREATE INDEX facts_by_document ON facts (document_id, published_at);
        """,
        // What operators decide, and outages as rows of their own, which were pairs of events.
        """
        ALTER TABLE responses ADD COLUMN held_back TEXT;
        CREATE INDEX responses_held_back ON responses (key) WHERE held_back IS NOT NULL;

        CREATE TABLE acceptances (
            document TEXT PRIMARY KEY,
            ends_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE changes (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            released BLOB,
            at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE drills (
            upstream TEXT PRIMARY KEY,
            began_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE outages (
            id INTEGER PRIMARY KEY,
            upstream TEXT NOT NULL,
            began_at INTEGER NOT NULL,
            ended_at INTEGER,
            served_count INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX outages_open ON outages (upstream) WHERE ended_at IS NULL;
        INSERT OR IGNORE INTO outages (upstream, began_at, ended_at, served_count)
            SELECT upstream, at, (
                SELECT at FROM events AS later
                WHERE later.id > began.id AND later.upstream = began.upstream
                    AND later.kind = 'outageEnded'
                ORDER BY id LIMIT 1
            ), 0 FROM events AS began WHERE kind = 'outageBegan' AND coalesce((
                SELECT kind FROM events AS earlier
                WHERE earlier.id < began.id AND earlier.upstream = began.upstream
                    AND earlier.kind IN ('outageBegan', 'outageEnded')
                ORDER BY id DESC LIMIT 1
            ), 'outageEnded') = 'outageEnded' ORDER BY id;
        DELETE FROM events WHERE kind IN ('outageBegan', 'outageEnded');
        """,
        // Eviction goes by the kind first.
        """
        DROP INDEX responses_by_use;
        CREATE INDEX responses_by_kind_and_use ON responses (kind, used_at);
        """,
        catalogue,
        // Tokens of clients, without their secrets.
        """
        CREATE TABLE client_tokens (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            digest BLOB NOT NULL,
            scopes TEXT NOT NULL,
            is_admin INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        """,
        // The list of malware that operators import: one row.
        """
        CREATE TABLE malware_list (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            revision INTEGER NOT NULL,
            stored_at INTEGER NOT NULL,
            list BLOB NOT NULL
        ) STRICT;
        """,
    ]
}
