import Digests
import HTTPModel
import Resources

/// What the rows are copies of, but for their names, bodies and times of use.
extension RowsBenchmark {
    static func response(_ key: CacheKey) -> StoredResponse {
        StoredResponse(
            key: key, kind: .artifact,
            headers: Headers([
                ("content-type", "application/octet-stream"),
                ("etag", "\"0123456789abcdef0123456789abcdef\""),
                ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ]), body: BlobDigest.of(Array(key.text.utf8)), byteCount: 100_000,
            entityTag: "0123456789abcdef0123456789abcdef", storedAt: 1_700_000_000,
            validatedAt: 1_700_000_000, lifetimeSeconds: 0)
    }

    static func document() -> StoredResponse {
        let key = CacheKey(.document("0"), of: upstream)
        return StoredResponse(
            key: key, kind: .document, headers: Headers([("content-type", "text/html")]),
            body: BlobDigest.of(Array(key.text.utf8)), byteCount: 10_000, entityTag: nil,
            storedAt: 1_700_000_000, validatedAt: 1_700_000_000, lifetimeSeconds: 300)
    }

    static func fact(_ artifact: CacheKey) throws -> FileFact {
        guard let name = artifact.resource(of: upstream)?.name,
            let url = AbsoluteURL("https://files.example/packages/ab/cd/\(name)")
        else { throw BenchmarkFault(description: "a bad name") }
        return FileFact(
            artifact: name, url: url,
            digests: [Digest(BlobDigest.of(Array(name.utf8)))],
            byteCount: 100_000, version: "1.0", publishedAt: 1_700_000_000)
    }
}
