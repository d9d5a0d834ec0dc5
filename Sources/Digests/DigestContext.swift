internal import CCrypto

/// One running computation in libcrypto, freed with its last reference.
///
/// Not thread-safe; ``Hasher`` and ``MultiHasher``, which cannot be copied, own one each or more
/// and share none.
@safe final class DigestContext {
    let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    init(_ algorithm: DigestAlgorithm) throws(DigestError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .outOfMemory }
        guard let implementation = unsafe algorithm.implementation,
            unsafe EVP_DigestInit_ex(context, implementation, nil) == 1
        else {
            unsafe EVP_MD_CTX_free(context)
            throw .algorithmUnavailable(algorithm)
        }
        self.algorithm = algorithm
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func update(_ bytes: Span<UInt8>) {
        let added = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        precondition(added == 1, "EVP_DigestUpdate failed on an initialised context")
    }

    /// Ends the computation; the context is of no use afterwards.
    func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: algorithm.byteCount)
        // No algorithm of ours writes more than its byteCount, which the tests check for each.
        let ended = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        }
        precondition(ended == 1, "EVP_DigestFinal_ex failed on an initialised context")
        return Digest(algorithm: algorithm, checkedBytes: bytes)
    }
}
