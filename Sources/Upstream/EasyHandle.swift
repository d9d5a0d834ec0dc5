internal import CCurl

/// libcurl said no, with this code.
struct CurlError: Error {
    let code: CURLcode

    static func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError(code: code) }
    }
}

/// One transfer's handle, freed with its list of header lines.
///
/// For the loop's thread alone, and never to be dropped while it is part of the multi handle.
@safe struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var lines: UnsafeMutablePointer<curl_slist>?

    init() throws(CurlError) {
        guard let pointer = unsafe curl_easy_init() else {
            throw CurlError(code: CURLE_OUT_OF_MEMORY)
        }
        unsafe self.pointer = unsafe pointer
        unsafe lines = nil
    }

    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe curl_slist_free_all(lines)
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try CurlError.check(unsafe shim_curl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try CurlError.check(unsafe shim_curl_set_text(pointer, option, value))
    }

    func set(
        _ option: CURLoption, _ value: UnsafeMutableRawPointer
    ) throws(CurlError) {
        try CurlError.check(unsafe shim_curl_set_pointer(pointer, option, value))
    }

    /// Sends these lines, and no others of libcurl's own that they name.
    mutating func setHeaderLines(_ texts: [String]) throws(CurlError) {
        for text in texts {
            guard let longer = unsafe curl_slist_append(lines, text) else {
                throw CurlError(code: CURLE_OUT_OF_MEMORY)
            }
            unsafe lines = unsafe longer
        }
        guard let lines = unsafe lines else { return }
        try CurlError.check(unsafe shim_curl_set_list(pointer, CURLOPT_HTTPHEADER, lines))
    }

    /// Makes the request a POST with this body, of which libcurl keeps a copy: it may have to send
    /// it again on another connection.
    func setContent(_ bytes: [UInt8]) throws(CurlError) {
        try set(CURLOPT_POST, 1)
        // The size first, or libcurl would look for the end of a text.
        try set(CURLOPT_POSTFIELDSIZE, bytes.count)
        guard !bytes.isEmpty else { return try set(CURLOPT_COPYPOSTFIELDS, "") }
        let code = unsafe bytes.withUnsafeBytes { buffer in
            // libcurl reads it and never writes through it.
            guard let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress) else {
                return CURLE_OUT_OF_MEMORY
            }
            return unsafe shim_curl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, start)
        }
        try CurlError.check(code)
    }

    /// Lets a held transfer go on; deliveries may come from within the call.
    func resume() throws(CurlError) {
        try CurlError.check(unsafe curl_easy_pause(pointer, CURLPAUSE_CONT))
    }
}
