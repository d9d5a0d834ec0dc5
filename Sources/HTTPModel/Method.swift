/// A request method, as far as a cache tells methods apart (RFC 9110 section 9).
package enum Method: Sendable, Hashable {
    case get, head, options, post
    /// What a client that publishes sends; told apart from others for the log only.
    case put, delete
    /// Any other method of the right grammar; it is answered 405.
    case other

    /// Reads a method token; methods are case-sensitive (RFC 9110 section 9.1).
    package init(_ token: some StringProtocol) {
        switch token {
        case "GET": self = .get
        case "HEAD": self = .head
        case "OPTIONS": self = .options
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        default: self = .other
        }
    }

    /// The token for log lines.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .options: "OPTIONS"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .other: "OTHER"
        }
    }
}
