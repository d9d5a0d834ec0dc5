/// Why a certificate or a key cannot be used; never holds a byte of either.
package enum TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file holds no chain of certificates in PEM, or cannot be read.
    case certificate
    /// The file holds no private key in PEM, or one with a passphrase.
    case key
    /// The key is not the certificate's.
    case mismatch
    /// libssl cannot be set up.
    case library

    package var description: String {
        switch self {
        case .certificate: "the certificate file cannot be read, or holds no certificates in PEM"
        case .key:
            "the key file cannot be read, or holds no private key in PEM without a passphrase"
        case .mismatch: "the key does not belong to the first certificate"
        case .library: "libssl cannot be set up"
        }
    }
}
