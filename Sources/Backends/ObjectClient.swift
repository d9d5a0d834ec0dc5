package import HTTPModel

/// Sends requests to an object store and to the services that give out its credentials.
///
/// The operator named these places, so that no address is refused; no redirect is followed.
package protocol ObjectClient: Sendable {
    /// Sends one request, and returns once the final response's head is there.
    ///
    /// Nothing is tried again here. Cancelling the task ends the transfer.
    func send(_ request: ObjectRequest) async throws(UpstreamError) -> UpstreamResponse
}

/// One request with all its header fields; it may hold credentials and never shows itself.
package struct ObjectRequest: Sendable, CustomStringConvertible {
    package enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    package var method: Method
    package var url: AbsoluteURL
    package var headers: Headers
    /// Of a PUT or POST, whole; it is bounded by who makes it.
    package var body: [UInt8]
    /// Whether no proxy may be between: metadata services are of this machine.
    package var isDirect = false
    package var limits: TransferLimits

    package init(
        _ method: Method, _ url: AbsoluteURL, headers: Headers = Headers(), body: [UInt8] = [],
        limits: TransferLimits
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }

    package var description: String { method.rawValue }
}
