package import Backends
package import Digests
package import Resources

extension SQLiteMetadata {
    package func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact? {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT \(FactRow.columns) FROM facts WHERE artifact = ?1", [.text(artifact.text)],
                FactRow.fact
            ).first ?? nil
        }
    }

    package func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64? {
        try await read { connection throws(SQLiteFailure) in
            try connection.integer(
                """
                SELECT min(published_at) FROM facts WHERE published_at IS NOT NULL
                    AND document_id = (SELECT id FROM documents WHERE key = ?1)
                """,
                [.text(document.text)])
        }
    }

    package func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest? {
        try await read { connection throws(SQLiteFailure) in
            try Self.pin(for: artifact, in: connection)
        }
    }

    package func pin(
        _ artifact: CacheKey, to digest: BlobDigest
    ) async throws(StoreError) -> BlobDigest {
        try await write(.durable) { connection throws(SQLiteFailure) in
            try Self.put(digest, for: artifact, in: connection)
        }
    }

    /// Writes the pin if there is none, and says which one holds.
    static func put(
        _ digest: BlobDigest, for artifact: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) -> BlobDigest {
        try connection.run(
            "INSERT OR IGNORE INTO pins (artifact, digest) VALUES (?1, ?2)",
            [.text(artifact.text), .bytes(digest.bytes)])
        return try pin(for: artifact, in: connection) ?? digest
    }

    package func record(_ event: StoredEvent) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            try connection.run(
                "INSERT INTO events (kind, at, upstream, subject) VALUES (?1, ?2, ?3, ?4)",
                [
                    .text(event.kind.rawValue), .integer(event.at), .text(event.upstream),
                    .text(event.subject),
                ])
            try connection.run(
                "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?1",
                [.integer(Int64(StoredEvent.keptCount))])
        }
    }

    package func recent(limit: Int) async throws(StoreError) -> [StoredEvent] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows(
                "SELECT kind, at, upstream, subject FROM events ORDER BY id DESC LIMIT ?1",
                [.integer(Int64(limit))]
            ) { row in
                guard let kind = row.text(0).flatMap(StoredEvent.Kind.init) else {
                    return StoredEvent?.none
                }
                return StoredEvent(
                    kind: kind, at: row.integer(1) ?? 0, upstream: row.text(2) ?? "",
                    subject: row.text(3) ?? "")
            }.compactMap { $0 }
        }
    }

    private static func pin(
        for artifact: CacheKey, in connection: SQLiteConnection
    ) throws(SQLiteFailure) -> BlobDigest? {
        try connection.rows(
            "SELECT digest FROM pins WHERE artifact = ?1", [.text(artifact.text)]
        ) { BlobDigest(bytes: $0.bytes(0)) }.first ?? nil
    }
}
