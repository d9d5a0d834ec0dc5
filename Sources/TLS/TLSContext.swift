internal import CSSL

/// A certificate with its key, and how they are used: what all sessions of a server have in common.
///
/// libssl's contexts may be used by many threads as long as nobody changes them, and nobody does: a
/// renewed certificate is another context.
@safe package final class TLSContext: Sendable {
    /// The oldest version that is spoken; those before 1.2 never are (RFC 8996).
    package enum Minimum: String, Sendable, CaseIterable {
        case version12 = "1.2"
        case version13 = "1.3"
    }

    // Freed by deinit alone; sessions hold references of their own.
    private nonisolated(unsafe) let context: OpaquePointer
    /// When the certificate ends, in seconds since 1970; nil when it does not say.
    package let expirySeconds: Int64?

    /// Reads both files; blocks on the disk.
    ///
    /// - Parameters:
    ///   - certificateFile: The server's own certificate and then those up to its authority, in PEM.
    ///   - keyFile: The private key, in PEM, without a passphrase.
    ///   - minimum: The oldest version that is spoken.
    /// - Throws: What of the two files cannot be used.
    package init(
        certificateFile: String, keyFile: String, minimum: Minimum = .version12
    ) throws(TLSError) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw .library }
        do throws(TLSError) {
            let version = minimum == .version12 ? TLS1_2_VERSION : TLS1_3_VERSION
            guard unsafe shim_ssl_minimum(context, version) == 1,
                unsafe SSL_CTX_set_cipher_list(context, Self.ciphers) == 1
            else { throw .library }
            expirySeconds = try unsafe Self.load(context, certificateFile, keyFile)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe self.context = unsafe context
        unsafe shim_ssl_modes(context)
        let options = Options.noRenegotiation | Options.ignoresUnexpectedEnd
        _ = unsafe SSL_CTX_set_options(context, options)
        unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    /// Of TLS 1.2; those of 1.3 are all good.
    ///
    /// Forward secrecy and authenticated encryption, as RFC 9325 section 4.2 recommends.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    deinit { unsafe SSL_CTX_free(context) }

    /// A session of this context; nil when libssl has no memory left.
    func makeSession() -> OpaquePointer? { unsafe SSL_new(context) }

    // Bits of SSL_OP_BIT(n), which is a macro with an argument.
    private enum Options {
        static let ignoresUnexpectedEnd: UInt64 = 1 << 7
        static let noRenegotiation: UInt64 = 1 << 30
    }

    private static func load(
        _ context: OpaquePointer, _ certificateFile: String, _ keyFile: String
    ) throws(TLSError) -> Int64? {
        // Without this, libcrypto asks for a passphrase on the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .certificate
        }
        let isKey = unsafe SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1
        guard isKey else {
            // A key of the same kind that is not the certificate's is refused here already.
            throw isMismatch ? .mismatch : .key
        }
        guard unsafe SSL_CTX_check_private_key(context) == 1 else { throw .mismatch }
        guard let certificate = unsafe SSL_CTX_get0_certificate(context),
            let end = unsafe X509_get0_notAfter(certificate)
        else { return nil }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let start = unsafe ASN1_TIME_set(nil, 0) else { return nil }
        defer { unsafe ASN1_STRING_free(start) }
        guard unsafe ASN1_TIME_diff(&days, &seconds, start, end) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    private static var isMismatch: Bool {
        let reason = shim_ssl_reason(ERR_peek_last_error())
        return reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH
    }
}

/// Chooses HTTP/1.1 of what a client offers (RFC 7301); one that offers only others is turned away.
private let selectProtocol:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, count, offered, offeredCount, _ in
        guard let chosen = unsafe chosen, let count = unsafe count, let offered = unsafe offered
        else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let name: StaticString = "http/1.1"
        var position = 0
        // libssl has checked that the lengths fit.
        while position < Int(offeredCount) {
            let length = Int(unsafe offered[position])
            let start = unsafe offered + position + 1
            if length == name.utf8CodeUnitCount,
                unsafe memcmp(start, name.utf8Start, length) == 0
            {
                unsafe chosen.pointee = unsafe start
                unsafe count.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            position += length + 1
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
