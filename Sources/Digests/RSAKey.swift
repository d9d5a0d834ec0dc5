internal import CCrypto

/// A private RSA key, for signatures with PKCS #1 v1.5 and SHA-256 (`RS256`, RFC 7518 section 3.3).
///
/// libcrypto's keys may be used by many threads as long as nobody changes them, and nobody does.
@safe package final class RSAKey: Sendable {
    // Freed by deinit alone.
    private nonisolated(unsafe) let key: OpaquePointer

    /// Reads a key in DER, as PKCS #8 or PKCS #1; nil when it is none, or not RSA.
    package init?(der: [UInt8]) {
        let key = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return unsafe d2i_AutoPrivateKey(nil, &next, buffer.count)
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            return nil
        }
        unsafe self.key = unsafe key
        guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else { return nil }
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// The signature of `message`; nil when libcrypto has no memory left.
    package func signature(of message: [UInt8]) -> [UInt8]? {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1 else {
            return nil
        }
        var count = 0
        guard unsafe EVP_DigestSign(context, nil, &count, message, message.count) == 1 else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_DigestSign(context, &bytes, &count, message, message.count) == 1 else {
            return nil
        }
        return Array(bytes.prefix(count))
    }

    /// Whether `signature` is of `message` and was made with this key.
    package func made(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let isReady = unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key)
        guard isReady == 1 else { return false }
        let verdict = unsafe EVP_DigestVerify(
            context, signature, signature.count, message, message.count)
        ERR_clear_error()
        return verdict == 1
    }
}
