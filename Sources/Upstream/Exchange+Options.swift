internal import Backends
internal import CCurl
internal import HTTPModel

extension Exchange {
    /// Sets what section 3.6 of the reliability study asks of libcurl.
    ///
    /// Whatever libcurl would do by itself with a redirect, a cookie, a password or a coding is off:
    /// most of its advisories live there.
    func configure(_ settings: ClientSettings) throws(CurlError) {
        try handle.set(CURLOPT_URL, transfer.url.description)
        // The URL is normalised; the same bytes must reach the upstream.
        try handle.set(CURLOPT_PATH_AS_IS, 1)
        try handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_UNRESTRICTED_AUTH, 0)
        try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try handle.set(CURLOPT_HTTP09_ALLOWED, 0)
        try handle.set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        try handle.set(CURLOPT_USERAGENT, "larder/\(settings.version) (cache for pypi and npm)")
        if let object = transfer.object {
            try configure(object)
        } else {
            try handle.setHeaderLines(RequestFields(transfer.request, to: transfer.url).lines)
            if let content = transfer.request.content { try handle.setContent(content.bytes) }
        }
        try setConnection(settings)
    }

    private func proxyURL(_ settings: ClientSettings) -> String? {
        transfer.object?.isDirect == true ? nil : settings.proxyURL(for: transfer.url)
    }

    private func setConnection(_ settings: ClientSettings) throws(CurlError) {
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // A resolver thread that hangs must not make the loop wait when its transfer is cancelled.
        try handle.set(CURLOPT_QUICK_EXIT, 1)
        try handle.set(CURLOPT_TCP_NODELAY, 1)
        try handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        try handle.set(CURLOPT_BUFFERSIZE, 128 << 10)
        // Far beyond any phase: the deadlines are ours.
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, 3_600_000)
        try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // Both are always set, the empty text for none: libcurl reads from the environment what is
        // not, and an exception in there would be a direct connection that nobody filters.
        try handle.set(CURLOPT_PROXY, proxyURL(settings) ?? "")
        try handle.set(CURLOPT_NOPROXY, "")
        if Multiplexing.isAllowed(for: transfer.request) {
            try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
            try handle.set(CURLOPT_PIPEWAIT, 1)
        } else {
            // On plain http, allowing more would make later requests wait for the first one's
            // answer to learn whether its connection can be shared.
            try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        }
        if transfer.url.scheme == .https { try setTrust(settings) }
    }

    private func setTrust(_ settings: ClientSettings) throws(CurlError) {
        try handle.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try handle.set(CURLOPT_SSL_VERIFYPEER, settings.verifiesServers ? 1 : 0)
        try handle.set(CURLOPT_SSL_VERIFYHOST, settings.verifiesServers ? 2 : 0)
        if let file = settings.certificateFile { try handle.set(CURLOPT_CAINFO, file) }
    }
}
