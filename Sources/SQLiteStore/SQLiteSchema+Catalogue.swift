extension SQLiteSchema {
    /// What is stored as packages, and what was served in which hour.
    ///
    /// Nothing here looks at the rows that are there, however many: a server enters those later, up
    /// to the last one of now.
    static let catalogue = """
        CREATE TABLE packages (
            id INTEGER PRIMARY KEY,
            folded TEXT NOT NULL,
            ecosystem TEXT NOT NULL,
            location TEXT NOT NULL,
            name TEXT NOT NULL,
            file_count INTEGER NOT NULL,
            byte_count INTEGER NOT NULL,
            newest_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX packages_by_name ON packages (folded, ecosystem, location, name);
        CREATE INDEX packages_by_size ON packages (byte_count);
        CREATE INDEX packages_by_time ON packages (newest_at);

        CREATE TABLE package_files (
            response_id INTEGER PRIMARY KEY,
            package_id INTEGER NOT NULL,
            byte_count INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX package_files_by_package ON package_files (package_id);
        CREATE TRIGGER package_file_added AFTER INSERT ON package_files BEGIN
            UPDATE packages SET
                file_count = file_count + 1, byte_count = byte_count + NEW.byte_count
            WHERE id = NEW.package_id;
        END;
        CREATE TRIGGER package_file_removed AFTER DELETE ON package_files BEGIN
            UPDATE packages SET
                file_count = file_count - 1, byte_count = byte_count - OLD.byte_count
            WHERE id = OLD.package_id;
            DELETE FROM packages WHERE id = OLD.package_id AND file_count = 0;
        END;
        CREATE TRIGGER package_file_resized AFTER UPDATE OF byte_count ON package_files BEGIN
            UPDATE packages SET byte_count = byte_count + NEW.byte_count - OLD.byte_count
            WHERE id = NEW.package_id;
        END;
        CREATE TRIGGER file_removed AFTER DELETE ON responses WHEN OLD.kind = 'artifact' BEGIN
            DELETE FROM package_files WHERE response_id = OLD.id;
        END;
        CREATE TRIGGER file_resized AFTER UPDATE OF byte_count ON responses
        WHEN NEW.kind = 'artifact' AND NEW.byte_count <> OLD.byte_count BEGIN
            UPDATE package_files SET byte_count = NEW.byte_count WHERE response_id = NEW.id;
        END;

        CREATE TABLE package_backlog (
            next_id INTEGER NOT NULL,
            last_id INTEGER NOT NULL
        ) STRICT;
        INSERT INTO package_backlog SELECT 0, coalesce(max(id), 0) FROM responses;

        CREATE TABLE traffic (
            hour INTEGER PRIMARY KEY,
            requests INTEGER NOT NULL,
            hits INTEGER NOT NULL,
            served_bytes INTEGER NOT NULL,
            upstream_requests INTEGER NOT NULL,
            upstream_bytes INTEGER NOT NULL,
            outage_requests INTEGER NOT NULL
        ) STRICT;
        """
}
