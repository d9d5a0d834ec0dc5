/// Commands that take a database of this version back to an older one's tables.
///
/// A new step of the schema adds what it made to the first of them.
enum OlderSchema {
    static let three = """
        DROP TABLE larder_packages, larder_package_files, larder_package_backlog, larder_traffic,
            larder_client_tokens, larder_malware_list;
        DROP TRIGGER larder_file_resized ON larder_responses;
        DROP FUNCTION larder_count_file, larder_resize_file;
        DROP INDEX larder_responses_by_kind_and_use;
        CREATE INDEX larder_responses_by_use ON larder_responses (used_at, id);
        UPDATE larder_schema SET version = 3, oldest_reader = 2;
        """

    static let one = """
        \(three)
        DROP TABLE larder_acceptances, larder_changes, larder_last_change, larder_drills,
            larder_outages, larder_leases;
        DROP FUNCTION larder_expect;
        DROP INDEX larder_responses_renderings;
        ALTER TABLE larder_responses DROP COLUMN held_back;
        UPDATE larder_schema SET version = 1, oldest_reader = 1;
        """
}
