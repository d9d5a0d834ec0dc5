internal import Backends
internal import Digests
internal import HTTPModel
internal import Resources

/// A file's fact as a row of `larder_facts`.
enum FactRow {
    static let columns = "artifact, url, digests, byte_count, version, published_at"

    /// The most facts in one statement: a limit on how long the server works at it.
    private static let factsPerStatement = 1_000

    // Most facts are the same at every refresh, and then nothing is written. In the order of their
    // names, so that two servers do not wait for each other.
    private static let upsert = """
        INSERT INTO larder_facts AS known (\(columns), document_id)
        SELECT new.*, document.id
        FROM larder_documents AS document, unnest(
            $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bigint[]
        ) AS new (\(columns))
        WHERE document.key = $1 ORDER BY new.artifact
        ON CONFLICT (artifact) DO UPDATE SET
            url = excluded.url, digests = excluded.digests, byte_count = excluded.byte_count,
            version = excluded.version, published_at = excluded.published_at,
            document_id = excluded.document_id
        WHERE (known.url, known.digests, known.byte_count, known.version, known.published_at,
                known.document_id)
            IS DISTINCT FROM (excluded.url, excluded.digests, excluded.byte_count,
                excluded.version, excluded.published_at, excluded.document_id)
        """

    // Documents are looked up on their own, so that their number is known before facts are looked
    // for: a join would be planned by estimates, which may be wrong enough to read all facts.
    private static let deleteUnnamed = """
        DELETE FROM larder_facts AS fact
        WHERE document_id = (SELECT id FROM larder_documents WHERE key = $1) AND NOT EXISTS (
            SELECT FROM unnest($2::bytea[]) AS named (artifact)
            WHERE named.artifact = fact.artifact)
        """

    private static let deleteParts = """
        DELETE FROM larder_facts WHERE document_id = ANY (
            ARRAY(SELECT id FROM larder_documents WHERE key > $1 AND key < $2))
        """

    /// Stores what the document under `key` says of its files, and deletes what it and its parts no
    /// longer say; nothing for other keys.
    static func store(_ facts: [FileFact], of key: CacheKey) -> [PostgresStatement] {
        guard let prefix = key.partPrefix else { return [] }
        var named: [String: FileFact] = [:]
        for fact in facts {
            guard let artifact = key.artifact(fact.artifact)?.text,
                artifact.utf8.count <= PostgresSchema.keyByteLimit
            else { continue }
            named[artifact] = fact
        }
        let names = named.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var statements = lock(key, mustExist: !names.isEmpty)
        for start in stride(from: 0, to: names.count, by: factsPerStatement) {
            let batch = names[start..<min(start + factsPerStatement, names.count)]
            statements.append(put(batch.compactMap { name in named[name].map { (name, $0) } }, key))
        }
        statements.append(PostgresStatement(deleteUnnamed, [.text(key.text), .texts(names)]))
        // All that begins with the prefix: A follows @.
        statements.append(
            PostgresStatement(deleteParts, [.text(prefix), .text(String(prefix.dropLast()) + "A")]))
        return statements
    }

    /// Makes those wait who store the same document at once: the statements that follow see all
    /// that they have committed.
    private static func lock(_ key: CacheKey, mustExist: Bool) -> [PostgresStatement] {
        let insert = "INSERT INTO larder_documents (key) VALUES ($1) ON CONFLICT (key) DO NOTHING"
        let lock = "SELECT id FROM larder_documents WHERE key = $1 FOR UPDATE"
        return (mustExist ? [insert, lock] : [lock]).map {
            PostgresStatement($0, [.text(key.text)])
        }
    }

    /// Takes over facts of another database, document by document.
    static func takeOver(_ facts: [StoredFact]) -> [PostgresStatement] {
        let documents = Dictionary(grouping: facts) { $0.document.text }
        var statements: [PostgresStatement] = []
        // In one order, so that two who do so at once do not wait for each other.
        for key in documents.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let own = (documents[key] ?? []).filter {
                $0.artifact.text.utf8.count <= PostgresSchema.keyByteLimit
            }
            guard key.utf8.count <= PostgresSchema.keyByteLimit, !own.isEmpty else { continue }
            let document = CacheKey(stored: key)
            statements += lock(document, mustExist: true)
            statements.append(put(own.map { ($0.artifact.text, $0.fact) }, document))
        }
        return statements
    }

    private static func put(
        _ facts: [(artifact: String, fact: FileFact)], _ key: CacheKey
    ) -> PostgresStatement {
        PostgresStatement(
            upsert,
            [
                .text(key.text), .texts(facts.map(\.artifact)),
                .texts(facts.map(\.fact.url.description)),
                .texts(facts.map { DigestList.encode($0.fact.digests) }),
                .integers(facts.map { $0.fact.byteCount.map(Int64.init) }),
                .texts(facts.map(\.fact.version)), .integers(facts.map(\.fact.publishedAt)),
            ])
    }

    /// The fact in a row of ``columns``.
    static func fact(_ row: PostgresRow) -> FileFact? {
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
}
