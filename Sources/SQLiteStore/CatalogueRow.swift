internal import Backends
internal import Resources

/// A stored file as a row of `package_files`, and its package as one of `packages`.
enum CatalogueRow {
    private static let upsert = """
        INSERT INTO packages (folded, ecosystem, location, name, file_count, byte_count, newest_at)
        VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)
        ON CONFLICT (folded, ecosystem, location, name) DO UPDATE
            SET newest_at = max(newest_at, excluded.newest_at)
        RETURNING id
        """

    private static let addFile = """
        INSERT OR IGNORE INTO package_files (response_id, package_id, byte_count)
        SELECT id, ?2, byte_count FROM responses WHERE key = ?1
        """

    /// Enters a file whose response is stored; one that was entered before stays as it is.
    static func enter(
        _ entry: CatalogueEntry, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        let package = try connection.integer(
            upsert,
            [
                .text(entry.folded), .text(entry.ecosystem), .text(entry.location),
                .text(entry.name), .integer(entry.storedAt),
            ])
        try connection.run(addFile, [.text(entry.key.text), SQLiteValue(package)])
    }
}
