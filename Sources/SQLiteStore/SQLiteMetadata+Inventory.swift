package import Backends
package import Digests
package import Resources

extension SQLiteMetadata {
    static let rowsByKey = """
        SELECT \(ResponseRow.placedColumns) FROM responses WHERE key > ?1 ORDER BY key LIMIT ?2
        """
    static let rowsByBody = """
        SELECT \(ResponseRow.placedColumns) FROM responses WHERE (body, id) > (?1, ?2)
        ORDER BY body, id LIMIT ?3
        """
    static let factsByArtifact = """
        SELECT \(FactRow.columns), (SELECT key FROM documents WHERE id = document_id)
        FROM facts WHERE artifact > ?1 ORDER BY artifact LIMIT ?2
        """
    static let pinsByArtifact = """
        SELECT artifact, digest FROM pins WHERE artifact > ?1 ORDER BY artifact LIMIT ?2
        """

    package func rows(
        after key: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, CacheKey> {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                Self.rowsByKey, [.text(key?.text ?? ""), .integer(Int64(limit))]
            ) { (ResponseRow.row($0), CacheKey(stored: $0.text(0) ?? "")) }
            return RowPage(sensible: rows, limit: limit)
        }
    }

    package func rows(
        afterBody mark: BodyMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, BodyMark> {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                Self.rowsByBody,
                [
                    .bytes(mark?.body.bytes ?? []), .integer(mark?.number ?? .min),
                    .integer(Int64(limit)),
                ]
            ) { row in
                let body = BlobDigest(bytes: row.bytes(3)) ?? .of([])
                return (ResponseRow.row(row), BodyMark(body: body, number: row.integer(11) ?? 0))
            }
            return RowPage(sensible: rows, limit: limit)
        }
    }

    package func totals(ofKeys prefix: String) async throws(StoreError) -> StoreTotals {
        try await read { connection throws(SQLiteFailure) in
            // Nothing in UTF-8 comes after the last code point.
            try connection.rows(
                """
                SELECT count(*), coalesce(sum(byte_count), 0) FROM responses
                WHERE key >= ?1 AND key < ?2
                """, [.text(prefix), .text(prefix + "\u{10FFFF}")]
            ) { row in
                StoreTotals(
                    responseCount: Int(row.integer(0) ?? 0), byteCount: Int(row.integer(1) ?? 0))
            }.first ?? StoreTotals(responseCount: 0, byteCount: 0)
        }
    }

    package func referenced(
        _ bodies: [BlobDigest]
    ) async throws(StoreError) -> Set<BlobDigest> {
        try await read { connection throws(SQLiteFailure) in
            var referenced: Set<BlobDigest> = []
            for body in bodies {
                let find = "SELECT 1 FROM responses WHERE body = ?1 LIMIT 1"
                guard try connection.integer(find, [.bytes(body.bytes)]) != nil else { continue }
                referenced.insert(body)
            }
            return referenced
        }
    }

    package func facts(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredFact, CacheKey> {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                Self.factsByArtifact, [.text(artifact?.text ?? ""), .integer(Int64(limit))]
            ) { row -> (StoredFact?, CacheKey) in
                let artifact = CacheKey(stored: row.text(0) ?? "")
                guard let fact = FactRow.fact(row), let document = row.text(6) else {
                    return (nil, artifact)
                }
                return (
                    StoredFact(
                        document: CacheKey(stored: document), artifact: artifact, fact: fact),
                    artifact
                )
            }
            return RowPage(sensible: rows, limit: limit)
        }
    }

    package func pins(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredPin, CacheKey> {
        try await read { connection throws(SQLiteFailure) in
            let rows = try connection.rows(
                Self.pinsByArtifact,
                [.text(artifact?.text ?? ""), .integer(Int64(limit))]
            ) { row in
                let artifact = CacheKey(stored: row.text(0) ?? "")
                let digest = BlobDigest(bytes: row.bytes(1))
                return (digest.map { StoredPin(artifact: artifact, digest: $0) }, artifact)
            }
            return RowPage(sensible: rows, limit: limit)
        }
    }

    package func acceptances() async throws(StoreError) -> [StoredAcceptance] {
        try await read { connection throws(SQLiteFailure) in
            try connection.rows("SELECT document, ends_at FROM acceptances ORDER BY document") {
                StoredAcceptance(
                    document: CacheKey(stored: $0.text(0) ?? ""), endsAt: $0.integer(1) ?? 0)
            }
        }
    }

    package func take(rows: [StoredRow]) async throws(StoreError) {
        let coordinates = coordinates
        try await write(.derived) { connection throws(SQLiteFailure) in
            for row in rows {
                let values = ResponseRow.values(row.response) + [.integer(row.usedAt)]
                try connection.run(ResponseRow.takeOver, values)
                let (key, storedAt) = (row.response.key, row.response.storedAt)
                if let entry = CatalogueEntry(key, storedAt: storedAt, coordinates) {
                    try CatalogueRow.enter(entry, in: connection)
                }
            }
        }
    }

    package func take(facts: [StoredFact]) async throws(StoreError) {
        try await write(.derived) { connection throws(SQLiteFailure) in
            var documents: [CacheKey: Int64] = [:]
            for fact in facts {
                let document: Int64
                if let known = documents[fact.document] {
                    document = known
                } else {
                    document = try FactRow.documentID(fact.document, in: connection)
                    documents[fact.document] = document
                }
                try FactRow.put(fact.fact, for: fact.artifact, of: document, in: connection)
            }
        }
    }

    package func take(pins: [StoredPin]) async throws(StoreError) -> [StoredPin] {
        try await write(.durable) { connection throws(SQLiteFailure) in
            var conflicts: [StoredPin] = []
            for pin in pins {
                let held = try Self.put(pin.digest, for: pin.artifact, in: connection)
                guard held != pin.digest else { continue }
                conflicts.append(StoredPin(artifact: pin.artifact, digest: held))
            }
            return conflicts
        }
    }
}
