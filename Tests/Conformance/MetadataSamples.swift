import Digests
import HTTPModel
package import Resources

/// Values for the suites of the metadata contracts.
package enum MetadataSamples {
    package static let upstream = UpstreamIdentity(
        ecosystem: "pypi", name: "pypi", location: "https://index.example/simple/")

    package static func document(_ name: String) -> CacheKey {
        CacheKey(.document(name), of: upstream)
    }

    package static func artifact(_ name: String) -> CacheKey {
        CacheKey(.artifact(name), of: upstream)
    }

    /// A response with every field set, to odd values where they are allowed.
    package static func response(
        _ key: CacheKey, body: String = "body", byteCount: Int = 100, storedAt: Int64 = 1000
    ) -> StoredResponse {
        StoredResponse(
            key: key, kind: .document,
            headers: Headers([
                ("ETag", "\"a\""), ("Content-Type", "text/html; charset=utf-8"), ("x-empty", ""),
                ("vary", "accept"), ("vary", "accept-encoding"), ("x-latin", "caf\u{E9}"),
            ]),
            body: .of(Array(body.utf8)), byteCount: byteCount, entityTag: "tag \"of\" ours",
            storedAt: storedAt, validatedAt: storedAt + 5, lifetimeSeconds: 300,
            withdrawnAt: storedAt + 9)
    }

    package static func fact(
        _ artifact: String, digest: String? = "content", publishedAt: Int64? = 7,
        version: String? = "1.0"
    ) -> FileFact? {
        guard let url = AbsoluteURL("https://files.example/packages/\(artifact)?a=b") else {
            return nil
        }
        let digests = digest.map { [Digest(BlobDigest.of(Array($0.utf8)))] } ?? []
        return FileFact(
            artifact: artifact, url: url, digests: digests, byteCount: 12, version: version,
            publishedAt: publishedAt)
    }
}
