internal import Backends

/// The tables, in the steps in which they came to be.
///
/// A step never changes once it was released. Servers of two versions run side by side while one
/// replaces the other, so a step first adds what the newer one needs (expand); what only older ones
/// needed goes in a later version's step (contract), which says that they cannot read it any more.
enum PostgresSchema {
    struct Step: Sendable {
        /// The oldest version whose servers can work with the tables after this step.
        let oldestReader: Int
        /// One command each.
        let commands: [String]
    }

    /// The version after all steps; kept in `larder_schema`.
    static var version: Int { steps.count }

    /// The longest key, in bytes: an index of PostgreSQL takes no more than a third of its page.
    static let keyByteLimit = 2_000

    static let steps = [
        Step(oldestReader: 1, commands: first), Step(oldestReader: 2, commands: operations),
        Step(oldestReader: 2, commands: sharing), Step(oldestReader: 2, commands: eviction),
        Step(oldestReader: 2, commands: catalogue),
        Step(oldestReader: 2, commands: tokens),
        Step(oldestReader: 2, commands: malware),
    ]

    private static let first = [
        """
        CREATE TABLE larder_schema (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            version bigint NOT NULL,
            oldest_reader bigint NOT NULL
        )
        """,
        "INSERT INTO larder_schema (version, oldest_reader) VALUES (0, 0)",
        """
        CREATE TABLE larder_responses (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            key bytea NOT NULL UNIQUE,
            kind text NOT NULL,
            headers bytea NOT NULL,
            body bytea NOT NULL,
            byte_count bigint NOT NULL,
            entity_tag bytea,
            stored_at bigint NOT NULL,
            validated_at bigint NOT NULL,
            lifetime_seconds bigint NOT NULL,
            withdrawn_at bigint,
            used_at bigint NOT NULL
        )
        """,
        "CREATE INDEX larder_responses_by_use ON larder_responses (used_at, id)",
        "CREATE INDEX larder_responses_by_body ON larder_responses (body)",

        // Several rows, so that writers of different responses do not wait for each other.
        """
        CREATE TABLE larder_totals (
            id bigint PRIMARY KEY,
            response_count bigint NOT NULL,
            byte_count bigint NOT NULL
        ) WITH (fillfactor = 20)
        """,
        "INSERT INTO larder_totals SELECT id, 0, 0 FROM generate_series(0, 31) AS id",
        // Whatever a statement adds or removes goes into one row, of the session's own mostly.
        """
        CREATE FUNCTION larder_count() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            sign bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
            rows bigint;
            bytes bigint;
        BEGIN
            SELECT count(*), coalesce(sum(byte_count), 0) INTO rows, bytes FROM changed;
            IF rows > 0 THEN
                UPDATE larder_totals SET response_count = response_count + sign * rows,
                    byte_count = byte_count + sign * bytes WHERE id = pg_backend_pid() % 32;
            END IF;
            RETURN NULL;
        END
        $$
        """,
        """
        CREATE FUNCTION larder_recount() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE larder_totals SET byte_count = byte_count + NEW.byte_count - OLD.byte_count
                WHERE id = pg_backend_pid() % 32;
            RETURN NULL;
        END
        $$
        """,
        """
        CREATE TRIGGER larder_added AFTER INSERT ON larder_responses
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION larder_count()
        """,
        """
        CREATE TRIGGER larder_removed AFTER DELETE ON larder_responses
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION larder_count()
        """,
        """
        CREATE TRIGGER larder_resized AFTER UPDATE OF byte_count ON larder_responses
        FOR EACH ROW WHEN (NEW.byte_count <> OLD.byte_count) EXECUTE FUNCTION larder_recount()
        """,

        """
        CREATE TABLE larder_documents (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            key bytea NOT NULL UNIQUE
        )
        """,
        """
        CREATE TABLE larder_facts (
            artifact bytea PRIMARY KEY,
            document_id bigint NOT NULL,
            url bytea NOT NULL,
            digests bytea NOT NULL,
            byte_count bigint,
            version bytea,
            published_at bigint
        )
        """,
        "CREATE INDEX larder_facts_by_document ON larder_facts (document_id, published_at)",

        """
        CREATE TABLE larder_pins (
            artifact bytea PRIMARY KEY,
            digest bytea NOT NULL
        )
        """,

        """
        CREATE TABLE larder_events (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            mark bytea NOT NULL UNIQUE,
            kind text NOT NULL,
            at bigint NOT NULL,
            upstream bytea NOT NULL,
            subject bytea NOT NULL
        )
        """,
    ]

    // What operators decide, and outages. Servers of version 1 would not write `held_back`.
    private static let operations = [
        "ALTER TABLE larder_responses ADD COLUMN held_back bytea",
        """
        CREATE INDEX larder_responses_held_back ON larder_responses (key)
        WHERE held_back IS NOT NULL
        """,
        // All keys of renderings lie between these two; they end in the digest of what they show.
        """
        CREATE INDEX larder_responses_renderings ON larder_responses
        (substr(key, greatest(1, length(key) - 64)))
        WHERE key > 'r '::bytea AND key < 'r!'::bytea
        """,
        """
        CREATE TABLE larder_acceptances (
            document bytea PRIMARY KEY,
            ends_at bigint NOT NULL
        )
        """,

        """
        CREATE TABLE larder_changes (
            number bigint PRIMARY KEY,
            kind text NOT NULL,
            key bytea NOT NULL,
            released bytea,
            at bigint NOT NULL
        )
        """,
        // Not a sequence: that would leave gaps, and give numbers in another order than that in
        // which they can be seen.
        """
        CREATE TABLE larder_last_change (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            number bigint NOT NULL
        )
        """,
        "INSERT INTO larder_last_change (number) VALUES (0)",

        """
        CREATE TABLE larder_drills (
            upstream bytea PRIMARY KEY,
            began_at bigint NOT NULL
        )
        """,
        """
        CREATE TABLE larder_outages (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            upstream bytea NOT NULL,
            began_at bigint NOT NULL,
            ended_at bigint,
            served_count bigint NOT NULL
        )
        """,
        """
        CREATE UNIQUE INDEX larder_outages_open ON larder_outages (upstream)
        WHERE ended_at IS NULL
        """,
    ]

    // How several servers bring one document up to date, and agree on who fetches.
    private static let sharing = [
        // By what is dropped, and by what a server reads that starts, among all that others changed.
        "CREATE INDEX larder_changes_by_time ON larder_changes (at)",
        "CREATE INDEX larder_changes_orders ON larder_changes (number) WHERE kind <> 'changed'",
        // Fails where a version is stored that is neither the one that is to be replaced nor the next.
        """
        CREATE FUNCTION larder_expect(document bytea, held bytea, next bytea)
        RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            stored bytea;
        BEGIN
            SELECT body INTO stored FROM larder_responses WHERE key = document FOR UPDATE;
            IF FOUND AND stored IS DISTINCT FROM held AND stored <> next THEN
                RAISE EXCEPTION USING ERRCODE = '\(SQLState.versionMoved)';
            END IF;
        END
        $$
        """,
        // Lost in a crash of the server, and nobody minds.
        """
        CREATE UNLOGGED TABLE larder_leases (
            key bytea PRIMARY KEY,
            holder bytea NOT NULL,
            ends_at timestamptz NOT NULL
        )
        """,
    ]

    // Eviction goes by the kind first. The older index has the same order but for that, so the
    // planner could take it and read past all of another kind. Servers of version 3 and before
    // sort without it, which is right and slow, for as long as they run beside newer ones.
    //
    // A transaction that makes an index keeps all writers waiting, which is a moment while there are
    // few rows; where there are more, ``PostgresMetadata/orderByKind()`` does it.
    private static let eviction = [
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM larder_responses OFFSET 99999) THEN
                CREATE INDEX larder_responses_by_kind_and_use
                ON larder_responses (kind, used_at, id);
                DROP INDEX larder_responses_by_use;
            END IF;
        END $$
        """
    ]

    // Tokens of clients, without their secrets. Servers of version 4 and before do not know the kind
    // of change that tells of them, and skip it.
    private static let tokens = [
        """
        CREATE TABLE larder_client_tokens (
            id bytea PRIMARY KEY,
            name bytea NOT NULL UNIQUE,
            digest bytea NOT NULL,
            scopes bytea NOT NULL,
            is_admin bigint NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint,
            used_at bigint
        )
        """
    ]

    // The list of malware that operators import: one row.
    private static let malware = [
        """
        CREATE TABLE larder_malware_list (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            revision bigint NOT NULL,
            stored_at bigint NOT NULL,
            list bytea NOT NULL
        )
        """
    ]

    /// What takes the place of ``useIndex``, command for command without a transaction.
    static let kindIndex = "larder_responses_by_kind_and_use"
    static let useIndex = "larder_responses_by_use"
    static let makeKindIndex = """
        CREATE INDEX CONCURRENTLY IF NOT EXISTS \(kindIndex)
        ON larder_responses (kind, used_at, id)
        """
}
