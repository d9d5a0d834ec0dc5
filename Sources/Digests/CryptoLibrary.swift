internal import CCrypto

/// The library behind this module.
package enum CryptoLibrary {
    /// As libcrypto says it: `OpenSSL 3.0.15 3 Sep 2024`.
    package static var version: String {
        unsafe OpenSSL_version(OPENSSL_VERSION).map { unsafe String(cString: $0) } ?? "libcrypto"
    }
}
