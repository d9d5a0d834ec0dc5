/// What one pass over a body computed.
package struct ContentDigests: Hashable, Sendable {
    package let blob: BlobDigest
    package let byteCount: Int
    /// SHA-256 first, then the others in the order they were asked for.
    package let digests: [Digest]

    /// Whether the body fulfils a promise.
    ///
    /// - Returns: `nil` when the promised algorithm was not computed, so nothing is known.
    package func fulfils(_ promise: Digest) -> Bool? {
        guard let computed = digests.first(where: { $0.algorithm == promise.algorithm }) else {
            return nil
        }
        return computed == promise
    }
}
