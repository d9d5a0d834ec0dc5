package import Backends
internal import CCurl

/// The one table from libcurl's codes to ours.
package enum CurlFailure {
    /// What a failed transfer means.
    ///
    /// - Parameters:
    ///   - code: A CURLcode other than zero.
    ///   - phase: What the transfer was waiting for: a connection that breaks is `.unreachable`
    ///     before the head and `.truncated` after it.
    /// - Returns: An error with nothing in it but a number.
    package static func error(_ code: UInt32, during phase: UpstreamError.Phase) -> UpstreamError {
        let number = Int32(truncatingIfNeeded: code)
        return switch CURLcode(code) {
        case CURLE_UNSUPPORTED_PROTOCOL,  // HTTP/0.9: bytes without a head
            CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_TOO_MANY_REDIRECTS:
            .malformed
        case CURLE_PARTIAL_FILE:
            .truncated
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut(phase)
        case CURLE_FILESIZE_EXCEEDED:
            .tooLarge
        case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK:
            // Our callbacks name their reason beforehand; without one, the reader has left.
            .cancelled
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            .insecure(code: number)
        default:
            // What is left is a name, a connection, a stream or the machine that failed.
            phase == .body ? .truncated : .unreachable(code: number)
        }
    }

    /// libcurl had no memory for a handle.
    package static let outOfMemory = UpstreamError.unreachable(
        code: Int32(truncatingIfNeeded: CURLE_OUT_OF_MEMORY.rawValue))

    /// As many transfers as allowed are under way.
    package static let noConnection = UpstreamError.unreachable(
        code: Int32(truncatingIfNeeded: CURLE_NO_CONNECTION_AVAILABLE.rawValue))

    /// libcurl could not be started.
    package static let failedStart = UpstreamError.unreachable(
        code: Int32(truncatingIfNeeded: CURLE_FAILED_INIT.rawValue))
}
