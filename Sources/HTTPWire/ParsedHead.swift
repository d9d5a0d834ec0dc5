package import HTTPModel

/// A request head that was read whole and found clean.
package struct ParsedHead: Sendable, Hashable {
    package private(set) var request: RequestHead
    package let version: Version
    /// Whether the client lets the connection be used again (RFC 9112 section 9.3).
    package let isPersistent: Bool
    package let framing: BodyFraming
    /// Whether the client waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// The bytes that the head took, from the start of the message.
    package let byteCount: Int

    /// The same, with what is known of its request by now.
    package func with(_ request: RequestHead) -> ParsedHead {
        var head = self
        head.request = request
        return head
    }

    package enum Version: Sendable, Hashable {
        case http10, http11
    }
}

/// Where the body of a request ends (RFC 9112 section 6.3); never two ways at once.
package enum BodyFraming: Sendable, Hashable {
    case none
    /// A Content-Length above zero.
    case length(Int)
    case chunked
}
