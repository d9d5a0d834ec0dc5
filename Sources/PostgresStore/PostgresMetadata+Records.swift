package import Backends
package import Digests
internal import Linux
package import Resources

extension PostgresMetadata {
    package func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact? {
        try await read(
            "SELECT \(FactRow.columns) FROM larder_facts WHERE artifact = $1",
            [.text(artifact.text)], FactRow.fact
        ).first
    }

    package func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64? {
        let find = """
            SELECT min(published_at) FROM larder_facts
            WHERE document_id = (SELECT id FROM larder_documents WHERE key = $1)
            """
        return try await read(find, [.text(document.text)]) { $0.integer(0) }.first
    }

    // MARK: Pins

    private static let findPin = "SELECT digest FROM larder_pins WHERE artifact = $1"

    package func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest? {
        try await read(Self.findPin, [.text(artifact.text)], Self.pin).first
    }

    package func pin(
        _ artifact: CacheKey, to digest: BlobDigest
    ) async throws(StoreError) -> BlobDigest {
        let insert = """
            INSERT INTO larder_pins (artifact, digest) VALUES ($1, $2)
            ON CONFLICT (artifact) DO NOTHING
            """
        // The second statement sees what another server has committed while the first one waited.
        let results = try await transact(
            .write,
            [
                PostgresStatement(insert, [.text(artifact.text), .bytes(digest.bytes)]),
                PostgresStatement(Self.findPin, [.text(artifact.text)]),
            ])
        guard let pin = results.last?.rows(Self.pin).first ?? nil else { throw .mismatch }
        return pin
    }

    private static func pin(_ row: PostgresRow) -> BlobDigest? {
        row.bytes(0).flatMap { BlobDigest(bytes: $0) }
    }

    // MARK: Events

    package func record(_ event: StoredEvent) async throws(StoreError) {
        // The mark keeps a second try from making a second event of it.
        let insert = """
            INSERT INTO larder_events (mark, kind, at, upstream, subject)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mark) DO NOTHING
            """
        let prune = """
            DELETE FROM larder_events WHERE id <= (
                SELECT id FROM larder_events ORDER BY id DESC OFFSET $1 LIMIT 1)
            """
        _ = try await transact(
            .derive,
            [
                PostgresStatement(
                    insert,
                    [
                        .bytes(SystemRandom.bytes(16)), .word(event.kind.rawValue),
                        .integer(event.at), .text(event.upstream), .text(event.subject),
                    ]),
                PostgresStatement(prune, [.integer(Int64(StoredEvent.keptCount))]),
            ])
    }

    package func recent(limit: Int) async throws(StoreError) -> [StoredEvent] {
        try await read(
            "SELECT kind, at, upstream, subject FROM larder_events ORDER BY id DESC LIMIT $1",
            [.integer(Int64(limit))]
        ) { row in
            guard let kind = row.text(0).flatMap(StoredEvent.Kind.init) else { return nil }
            return StoredEvent(
                kind: kind, at: row.integer(1) ?? 0, upstream: row.text(2) ?? "",
                subject: row.text(3) ?? "")
        }
    }
}
