extension PostgresSchema {
    /// What is stored as packages, and what was served in which hour.
    ///
    /// Nothing here looks at the rows that are there, however many: a server enters those later, up
    /// to the last one of now. What servers of version 4 and before store while they run beside newer
    /// ones is not entered; what they remove is taken out, by the reference.
    static let catalogue = [
        """
        CREATE TABLE larder_packages (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            folded bytea NOT NULL,
            ecosystem bytea NOT NULL,
            location bytea NOT NULL,
            name bytea NOT NULL,
            file_count bigint NOT NULL,
            byte_count bigint NOT NULL,
            newest_at bigint NOT NULL,
            UNIQUE (folded, ecosystem, location, name)
        )
        """,
        "CREATE INDEX larder_packages_by_size ON larder_packages (byte_count)",
        "CREATE INDEX larder_packages_by_time ON larder_packages (newest_at)",
        """
        CREATE TABLE larder_package_files (
            response_id bigint PRIMARY KEY
                REFERENCES larder_responses (id) ON DELETE CASCADE,
            package_id bigint NOT NULL,
            byte_count bigint NOT NULL
        )
        """,
        """
        CREATE INDEX larder_package_files_by_package
        ON larder_package_files (package_id, response_id)
        """,
        """
        CREATE FUNCTION larder_count_file() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                UPDATE larder_packages SET
                    file_count = file_count - 1, byte_count = byte_count - OLD.byte_count
                WHERE id = OLD.package_id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                UPDATE larder_packages SET
                    file_count = file_count + 1, byte_count = byte_count + NEW.byte_count
                WHERE id = NEW.package_id;
            ELSE
                DELETE FROM larder_packages WHERE id = OLD.package_id AND file_count = 0;
            END IF;
            RETURN NULL;
        END
        $$
        """,
        """
        CREATE TRIGGER larder_file_counted AFTER INSERT OR DELETE OR UPDATE OF byte_count
        ON larder_package_files FOR EACH ROW EXECUTE FUNCTION larder_count_file()
        """,
        """
        CREATE FUNCTION larder_resize_file() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE larder_package_files SET byte_count = NEW.byte_count
            WHERE response_id = NEW.id;
            RETURN NULL;
        END
        $$
        """,
        """
        CREATE TRIGGER larder_file_resized AFTER UPDATE OF byte_count ON larder_responses
        FOR EACH ROW WHEN (NEW.kind = 'artifact' AND NEW.byte_count <> OLD.byte_count)
        EXECUTE FUNCTION larder_resize_file()
        """,
        """
        CREATE TABLE larder_package_backlog (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            next_id bigint NOT NULL,
            last_id bigint NOT NULL
        )
        """,
        """
        INSERT INTO larder_package_backlog (next_id, last_id)
        SELECT 0, coalesce(max(id), 0) FROM larder_responses
        """,
        """
        CREATE TABLE larder_traffic (
            hour bigint PRIMARY KEY,
            requests bigint NOT NULL,
            hits bigint NOT NULL,
            served_bytes bigint NOT NULL,
            upstream_requests bigint NOT NULL,
            upstream_bytes bigint NOT NULL,
            outage_requests bigint NOT NULL
        )
        """,
    ]
}
