/// Why a digest cannot be computed.
package enum DigestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// libcrypto had no memory for the computation.
    case outOfMemory
    /// This libcrypto does not offer the algorithm, as with MD5 where FIPS rules hold.
    case algorithmUnavailable(DigestAlgorithm)

    package var description: String {
        switch self {
        case .outOfMemory: "no memory for a digest computation"
        case .algorithmUnavailable(let algorithm):
            "the digest algorithm \(algorithm.rawValue) is not available here"
        }
    }
}
