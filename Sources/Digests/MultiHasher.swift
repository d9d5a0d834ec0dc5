/// Several digests of one body in one pass: SHA-256, which names the blob, and what was promised.
package struct MultiHasher: ~Copyable {
    private let blob: DigestContext
    private let others: [DigestContext]
    private var byteCount: Int

    /// - Parameter algorithms: Those besides SHA-256; repeated ones count once.
    /// - Throws: ``DigestError/algorithmUnavailable(_:)`` where libcrypto refuses one.
    package init(also algorithms: some Sequence<DigestAlgorithm> = []) throws(DigestError) {
        let blob = try DigestContext(.sha256)
        var others: [DigestContext] = []
        for algorithm in algorithms
        where algorithm != .sha256 && !others.contains(where: { $0.algorithm == algorithm }) {
            others.append(try DigestContext(algorithm))
        }
        self.blob = blob
        self.others = others
        byteCount = 0
    }

    /// Adds `bytes` to every computation, without copying them.
    package mutating func update(_ bytes: Span<UInt8>) {
        blob.update(bytes)
        for context in others { context.update(bytes) }
        byteCount += bytes.count
    }

    /// Adds `bytes` to every computation, without copying them.
    package mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    /// Ends the computations.
    package consuming func finish() -> ContentDigests {
        let sha256 = blob.finish()
        guard let name = BlobDigest(sha256) else { preconditionFailure("SHA-256 has 32 bytes") }
        return ContentDigests(
            blob: name, byteCount: byteCount, digests: [sha256] + others.map { $0.finish() })
    }
}

// The one owner may move between threads, as with ``Hasher``.
extension MultiHasher: @unchecked Sendable {}
