internal import CCurl
internal import HTTPModel

// What libcurl calls, on the loop's thread, while the exchange is part of the multi handle. Nothing
// can be thrown through a C frame, so each outcome is a number.

extension Exchange {
    func setCallbacks() throws(CurlError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let easy = unsafe handle.pointer
        unsafe try handle.set(CURLOPT_PRIVATE, context)
        unsafe try handle.set(CURLOPT_WRITEDATA, context)
        unsafe try handle.set(CURLOPT_HEADERDATA, context)
        unsafe try handle.set(CURLOPT_OPENSOCKETDATA, context)
        unsafe try handle.set(CURLOPT_PREREQDATA, context)
        try CurlError.check(unsafe shim_curl_set_write(easy, CURLOPT_WRITEFUNCTION, onBody))
        try CurlError.check(unsafe shim_curl_set_write(easy, CURLOPT_HEADERFUNCTION, onHeader))
        try CurlError.check(unsafe shim_curl_set_open_socket(easy, onOpenSocket))
        try CurlError.check(unsafe shim_curl_set_before_request(easy, onRequest))
    }

    /// The exchange behind a callback's context.
    @unsafe fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> Exchange? {
        unsafe context.map { unsafe Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The exchange of a handle in the multi handle.
    @unsafe static func of(_ easy: UnsafeMutableRawPointer) -> Exchange? {
        var context: UnsafeMutableRawPointer?
        guard unsafe shim_curl_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK else {
            return nil
        }
        return unsafe from(context)
    }
}

/// A count that differs from what was offered ends the transfer.
private let refused = Int(CURL_WRITEFUNC_ERROR)

private func onBody(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let exchange = unsafe Exchange.from(context) else { return refused }
    let raw = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe raw.withMemoryRebound(to: UInt8.self) { buffer in
        switch unsafe exchange.takeBody(buffer.span) {
        case .taken: size * count
        case .held: Int(CURL_WRITEFUNC_PAUSE)
        case .abandoned: refused
        }
    }
}

private func onHeader(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let exchange = unsafe Exchange.from(context) else { return refused }
    let raw = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe exchange.takeLine([UInt8](raw)) ? size * count : refused
}

/// Called before a connection is dialled, once for each address that is tried.
private func onOpenSocket(
    context: UnsafeMutableRawPointer?, purpose: curlsocktype,
    address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let exchange = unsafe Exchange.from(context), let address = unsafe address,
        exchange.permits(unsafe IPAddress(address))
    else { return CURL_SOCKET_BAD }
    // Not to be inherited by programs that this process may start.
    let type = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return unsafe socket(address.pointee.family, type, address.pointee.protocol)
}

/// Called on the connection that was made or found, before the request goes out: a kept connection
/// has passed no ``onOpenSocket`` of this exchange.
private func onRequest(
    context: UnsafeMutableRawPointer?, peer: UnsafeMutablePointer<CChar>?,
    local: UnsafeMutablePointer<CChar>?, peerPort: Int32, localPort: Int32
) -> Int32 {
    guard let exchange = unsafe Exchange.from(context), let peer = unsafe peer,
        exchange.permits(unsafe IPAddress(String(cString: peer)))
    else { return CURL_PREREQFUNC_ABORT }
    exchange.requestIsNext()
    return CURL_PREREQFUNC_OK
}

extension IPAddress {
    /// The address that libcurl is about to dial; nil for families other than IPv4 and IPv6.
    @unsafe fileprivate init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        // `addr` is declared as the short `sockaddr`, and as long as `addrlen` says.
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        let start = unsafe UnsafeRawPointer(address) + offset
        let byteCount = unsafe Int(address.pointee.addrlen)
        switch unsafe address.pointee.family {
        case AF_INET where byteCount >= MemoryLayout<sockaddr_in>.size:
            let inet = unsafe start.loadUnaligned(as: sockaddr_in.self)
            self = .v4(UInt32(bigEndian: inet.sin_addr.s_addr))
        case AF_INET6 where byteCount >= MemoryLayout<sockaddr_in6>.size:
            // sin6_addr follows family, port and flow: eight bytes.
            let high = unsafe start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let low = unsafe start.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            self = .v6(UInt64(bigEndian: high), UInt64(bigEndian: low))
        default:
            return nil
        }
    }
}
