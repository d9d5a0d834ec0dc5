internal import CCrypto

/// A hash function that an index may name for a file.
///
/// Raw values are the names that Python's `hashlib` and PEP 503 URL fragments use.
package enum DigestAlgorithm: String, Hashable, Sendable, CaseIterable {
    case md5
    case sha1
    case sha224
    case sha256
    case sha384
    case sha512
    case blake2b

    /// The length of a digest in bytes.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512, .blake2b: 64
        }
    }

    /// Whether nobody can make two contents with one digest (RFC 6151, RFC 6194 name the others).
    package var isCollisionResistant: Bool {
        switch self {
        case .md5, .sha1: false
        case .sha224, .sha256, .sha384, .sha512, .blake2b: true
        }
    }

    /// libcrypto's constant for the algorithm; statically allocated, never freed.
    var implementation: OpaquePointer? {
        switch self {
        case .md5: unsafe EVP_md5()
        case .sha1: unsafe EVP_sha1()
        case .sha224: unsafe EVP_sha224()
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        case .blake2b: unsafe EVP_blake2b512()
        }
    }
}
