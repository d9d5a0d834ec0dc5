internal import Backends
internal import Digests
internal import HTTPModel
internal import Resources

/// A file's fact as a row of `facts`.
enum FactRow {
    static let columns = "artifact, url, digests, byte_count, version, published_at"

    // Most facts are the same at every refresh, and then nothing is written.
    private static let upsert = """
        INSERT INTO facts (\(columns), document_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (artifact) DO UPDATE SET
            url = excluded.url, digests = excluded.digests, byte_count = excluded.byte_count,
            version = excluded.version, published_at = excluded.published_at,
            document_id = excluded.document_id
        WHERE (url, digests, byte_count, version, published_at, document_id) IS NOT
            (excluded.url, excluded.digests, excluded.byte_count, excluded.version,
                excluded.published_at, excluded.document_id)
        """

    private static let parts = """
        SELECT id FROM documents WHERE key > ?1 AND key < ?2
        """

    /// Stores what the document under `key` says of its files, and deletes what it and its parts no
    /// longer say; nothing for other keys.
    static func store(
        _ facts: [FileFact], of key: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        guard let prefix = key.partPrefix else { return }
        if !facts.isEmpty { try put(facts, of: key, in: connection) }
        let find = "SELECT id FROM documents WHERE key = ?1"
        if let document = try connection.integer(find, [.text(key.text)]) {
            let named = Set(facts.compactMap { key.artifact($0.artifact)?.text })
            try delete(from: document, allBut: named, in: connection)
        }
        // All that begins with the prefix: A follows @.
        let end = prefix.dropLast() + "A"
        let ids = try connection.rows(parts, [.text(prefix), .text(String(end))]) { $0.integer(0) }
        for part in ids.compactMap({ $0 }) { try delete(from: part, allBut: [], in: connection) }
    }

    /// Deletes what the document under `key` says of its files; nothing for other keys.
    static func forget(
        of key: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        try connection.run(
            """
            DELETE FROM facts WHERE document_id = (SELECT id FROM documents WHERE key = ?1)
            """, [.text(key.text)])
    }

    /// Deletes the facts of a document but those of some artifacts.
    private static func delete(
        from document: Int64, allBut named: Set<String>, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        // Mostly there is nothing to delete, which the index alone tells.
        let count = "SELECT count(*) FROM facts WHERE document_id = ?1"
        guard Int(try connection.integer(count, [.integer(document)]) ?? 0) > named.count else {
            return
        }
        let all = "SELECT artifact FROM facts WHERE document_id = ?1"
        for artifact in try connection.rows(all, [.integer(document)], { $0.text(0) }) {
            guard let artifact, !named.contains(artifact) else { continue }
            try connection.run("DELETE FROM facts WHERE artifact = ?1", [.text(artifact)])
        }
    }

    private static func put(
        _ facts: [FileFact], of key: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        let document = try documentID(key, in: connection)
        for fact in facts {
            guard let artifact = key.artifact(fact.artifact) else { continue }
            try put(fact, for: artifact, of: document, in: connection)
        }
    }

    /// Stores what the document of that number says of one file.
    static func put(
        _ fact: FileFact, for artifact: CacheKey, of document: Int64,
        in connection: SQLiteConnection
    ) throws(SQLiteFailure) {
        try connection.run(
            upsert,
            [
                .text(artifact.text), .text(fact.url.description),
                .text(DigestList.encode(fact.digests)),
                SQLiteValue(fact.byteCount.map(Int64.init)),
                SQLiteValue(fact.version), SQLiteValue(fact.publishedAt), .integer(document),
            ])
    }

    /// The fact in a row of ``columns``, for the artifact that was asked for.
    static func fact(_ row: borrowing SQLiteRow) -> FileFact? {
        guard let key = row.text(0), let url = row.text(1).flatMap({ AbsoluteURL($0) }),
            let digests = row.text(2).flatMap(DigestList.decode)
        else { return nil }
        // The name is what follows the third space.
        let parts = key.split(separator: " ", maxSplits: 3)
        guard parts.count == 4 else { return nil }
        return FileFact(
            artifact: String(parts[3]), url: url, digests: digests,
            byteCount: row.integer(3).map { Int($0) }, version: row.text(4),
            publishedAt: row.integer(5))
    }

    /// The number of a document, which it gets now if it has none.
    static func documentID(
        _ key: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) -> Int64 {
        let find = "SELECT id FROM documents WHERE key = ?1"
        if let id = try connection.integer(find, [.text(key.text)]) { return id }
        try connection.run("INSERT INTO documents (key) VALUES (?1)", [.text(key.text)])
        return try connection.integer("SELECT last_insert_rowid()") ?? 0
    }
}
