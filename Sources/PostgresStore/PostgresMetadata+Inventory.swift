package import Backends
package import Digests
package import Resources

extension PostgresMetadata {
    package func rows(
        after key: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, CacheKey> {
        let rows = try await read(
            """
            SELECT \(ResponseRow.placedColumns) FROM larder_responses WHERE key > $1
            ORDER BY key LIMIT $2
            """, [.text(key?.text ?? ""), .integer(Int64(limit))]
        ) { (ResponseRow.row($0), CacheKey(stored: $0.text(0) ?? "")) }
        return RowPage(sensible: rows, limit: limit)
    }

    package func rows(
        afterBody mark: BodyMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, BodyMark> {
        let rows = try await read(
            """
            SELECT \(ResponseRow.placedColumns) FROM larder_responses
            WHERE (body, id) > ($1, $2) ORDER BY body, id LIMIT $3
            """,
            [
                .bytes(mark?.body.bytes ?? []), .integer(mark?.number ?? .min),
                .integer(Int64(limit)),
            ]
        ) { row in
            let body = row.bytes(3).flatMap { BlobDigest(bytes: $0) } ?? .of([])
            return (ResponseRow.row(row), BodyMark(body: body, number: row.integer(11) ?? 0))
        }
        return RowPage(sensible: rows, limit: limit)
    }

    package func totals(ofKeys prefix: String) async throws(StoreError) -> StoreTotals {
        try await read(
            """
            SELECT count(*), coalesce(sum(byte_count), 0)::bigint FROM larder_responses
            WHERE key >= $1 AND key < $2
            """, [.text(prefix), .text(prefix + "\u{10FFFF}")]
        ) { row in
            StoreTotals(
                responseCount: Int(row.integer(0) ?? 0), byteCount: Int(row.integer(1) ?? 0))
        }.first ?? StoreTotals(responseCount: 0, byteCount: 0)
    }

    package func referenced(
        _ bodies: [BlobDigest]
    ) async throws(StoreError) -> Set<BlobDigest> {
        let found = try await read(
            """
            SELECT body FROM unnest($1::bytea[]) AS wanted (body)
            WHERE EXISTS (SELECT FROM larder_responses AS known WHERE known.body = wanted.body)
            """, [.byteStrings(bodies.map(\.bytes))]
        ) { $0.bytes(0).flatMap { BlobDigest(bytes: $0) } }
        return Set(found)
    }

    package func facts(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredFact, CacheKey> {
        let rows = try await read(
            """
            SELECT \(FactRow.columns), (
                SELECT key FROM larder_documents WHERE id = document_id)
            FROM larder_facts WHERE artifact > $1 ORDER BY artifact LIMIT $2
            """, [.text(artifact?.text ?? ""), .integer(Int64(limit))]
        ) { row -> (StoredFact?, CacheKey)? in
            let artifact = CacheKey(stored: row.text(0) ?? "")
            guard let fact = FactRow.fact(row), let document = row.text(6) else {
                return (nil, artifact)
            }
            let stored = StoredFact(
                document: CacheKey(stored: document), artifact: artifact, fact: fact)
            return (stored, artifact)
        }
        return RowPage(sensible: rows, limit: limit)
    }

    package func pins(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredPin, CacheKey> {
        let rows = try await read(
            """
            SELECT artifact, digest FROM larder_pins WHERE artifact > $1
            ORDER BY artifact LIMIT $2
            """, [.text(artifact?.text ?? ""), .integer(Int64(limit))]
        ) { row in
            (Self.storedPin(row), CacheKey(stored: row.text(0) ?? ""))
        }
        return RowPage(sensible: rows, limit: limit)
    }

    package func acceptances() async throws(StoreError) -> [StoredAcceptance] {
        try await read("SELECT document, ends_at FROM larder_acceptances ORDER BY document") {
            StoredAcceptance(
                document: CacheKey(stored: $0.text(0) ?? ""), endsAt: $0.integer(1) ?? 0)
        }
    }

    package func take(rows: [StoredRow]) async throws(StoreError) {
        let rows = rows.filter {
            $0.response.key.text.utf8.count <= PostgresSchema.keyByteLimit
        }
        let entries = rows.map(\.response).compactMap {
            CatalogueEntry($0.key, storedAt: $0.storedAt, settings.coordinates)
        }
        let (first, last) = CatalogueRow.enter(entries)
        let statements = first + rows.map(ResponseRow.takeOver) + last
        _ = try await transact(.derive, steps: statements.count, statements)
    }

    package func take(facts: [StoredFact]) async throws(StoreError) {
        let statements = FactRow.takeOver(facts)
        _ = try await transact(.derive, steps: statements.count, statements)
    }

    package func take(pins: [StoredPin]) async throws(StoreError) -> [StoredPin] {
        let pins = pins.filter { $0.artifact.text.utf8.count <= PostgresSchema.keyByteLimit }
        let given: [PostgresValue] = [
            .texts(pins.map(\.artifact.text)), .byteStrings(pins.map(\.digest.bytes)),
        ]
        let insert = """
            INSERT INTO larder_pins (artifact, digest)
            SELECT artifact, digest FROM unnest($1::bytea[], $2::bytea[]) AS new (artifact, digest)
            ORDER BY artifact ON CONFLICT (artifact) DO NOTHING
            """
        // The second statement sees what another server has committed while the first one waited.
        let compare = """
            SELECT held.artifact, held.digest
            FROM unnest($1::bytea[], $2::bytea[]) AS new (artifact, digest)
            JOIN larder_pins AS held USING (artifact) WHERE held.digest <> new.digest
            ORDER BY held.artifact
            """
        let results = try await transact(
            .write, [PostgresStatement(insert, given), PostgresStatement(compare, given)])
        return results.last?.rows(Self.storedPin).compactMap { $0 } ?? []
    }

    private static func storedPin(_ row: PostgresRow) -> StoredPin? {
        guard let artifact = row.text(0),
            let digest = row.bytes(1).flatMap({ BlobDigest(bytes: $0) })
        else { return nil }
        return StoredPin(artifact: CacheKey(stored: artifact), digest: digest)
    }
}
