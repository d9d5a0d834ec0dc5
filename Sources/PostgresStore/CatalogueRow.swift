internal import Backends
internal import Resources

/// Stored files as rows of `larder_package_files`, and their packages as rows of `larder_packages`.
enum CatalogueRow {
    // In one order, so that two servers do not wait for each other.
    private static let upsert = """
        INSERT INTO larder_packages AS known
            (folded, ecosystem, location, name, file_count, byte_count, newest_at)
        SELECT folded, ecosystem, location, name, 0, 0, max(at)
        FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[])
            AS new (folded, ecosystem, location, name, at)
        GROUP BY folded, ecosystem, location, name ORDER BY folded, ecosystem, location, name
        ON CONFLICT (folded, ecosystem, location, name) DO UPDATE
            SET newest_at = greatest(known.newest_at, excluded.newest_at)
        """

    private static let addFiles = """
        INSERT INTO larder_package_files (response_id, package_id, byte_count)
        SELECT response.id, package.id, response.byte_count
        FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[])
            AS new (folded, ecosystem, location, name, key)
        JOIN larder_packages AS package USING (folded, ecosystem, location, name)
        JOIN larder_responses AS response USING (key)
        ORDER BY package.id, response.id ON CONFLICT (response_id) DO NOTHING
        """

    // Those that are being removed are waited for, and are not there then.
    private static let keep = """
        SELECT FROM larder_responses WHERE key = ANY ($1::bytea[]) ORDER BY id FOR KEY SHARE
        """

    // What a concurrent removal has left of it.
    private static let dropEmpty = """
        DELETE FROM larder_packages WHERE file_count = 0 AND id IN (
            SELECT package.id FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[])
                AS new (folded, ecosystem, location, name)
            JOIN larder_packages AS package USING (folded, ecosystem, location, name))
        """

    /// What begins and what ends the transaction that stores the responses of files; those that
    /// were entered stay as they are.
    ///
    /// The packages come first, since several servers store files of one: who has none of them yet
    /// has nothing either that another one waits for.
    static func enter(
        _ entries: [CatalogueEntry]
    ) -> (first: [PostgresStatement], last: [PostgresStatement]) {
        guard !entries.isEmpty else { return ([], []) }
        let names = names(entries)
        return (
            [PostgresStatement(upsert, names + [.integers(entries.map(\.storedAt))])],
            [PostgresStatement(addFiles, names + [.texts(entries.map(\.key.text))])]
        )
    }

    /// Enters files that are stored already and may be removed meanwhile.
    static func enterLate(_ entries: [CatalogueEntry]) -> [PostgresStatement] {
        guard !entries.isEmpty else { return [] }
        let (first, last) = enter(entries)
        return [PostgresStatement(keep, [.texts(entries.map(\.key.text))])] + first + last
            + [PostgresStatement(dropEmpty, names(entries))]
    }

    private static func names(_ entries: [CatalogueEntry]) -> [PostgresValue] {
        [
            .texts(entries.map(\.folded)), .texts(entries.map(\.ecosystem)),
            .texts(entries.map(\.location)), .texts(entries.map(\.name)),
        ]
    }
}
