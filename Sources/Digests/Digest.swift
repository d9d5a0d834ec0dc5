/// The value of a hash function over some content, as an index promises it or as we computed it.
package struct Digest: Hashable, Sendable {
    package let algorithm: DigestAlgorithm
    /// Exactly ``DigestAlgorithm/byteCount`` bytes.
    package let bytes: [UInt8]

    /// - Returns: `nil` when the length is not the algorithm's.
    package init?(algorithm: DigestAlgorithm, bytes: [UInt8]) {
        guard bytes.count == algorithm.byteCount else { return nil }
        self.init(algorithm: algorithm, checkedBytes: bytes)
    }

    /// Reads hexadecimal text of either case.
    ///
    /// - Returns: `nil` unless it is exactly the algorithm's length of ASCII digits.
    package init?(algorithm: DigestAlgorithm, hex: String) {
        guard let bytes = Hexadecimal.bytes(of: hex, byteCount: algorithm.byteCount) else {
            return nil
        }
        self.init(algorithm: algorithm, checkedBytes: bytes)
    }

    /// The SHA-256 that names a blob, as a promise to compare with others.
    package init(_ blob: BlobDigest) {
        self.init(algorithm: .sha256, checkedBytes: blob.bytes)
    }

    init(algorithm: DigestAlgorithm, checkedBytes: [UInt8]) {
        self.algorithm = algorithm
        bytes = checkedBytes
    }

    /// The digest of `content`.
    package static func of(
        _ content: Span<UInt8>, _ algorithm: DigestAlgorithm
    ) throws(DigestError) -> Digest {
        let context = try DigestContext(algorithm)
        context.update(content)
        return context.finish()
    }

    /// Lower-case hexadecimal text.
    package var hex: String { Hexadecimal.text(of: bytes) }
}

extension Digest: CustomStringConvertible {
    package var description: String { "\(algorithm.rawValue):\(hex)" }
}
