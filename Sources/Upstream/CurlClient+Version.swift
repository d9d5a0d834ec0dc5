internal import CCurl

extension CurlClient {
    /// As libcurl says it, with the libraries that it uses.
    package static var libraryVersion: String {
        unsafe curl_version().map { unsafe String(cString: $0) } ?? "libcurl"
    }
}
