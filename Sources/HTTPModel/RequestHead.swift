/// A request as the engine sees it: the parsed target and the few fields that a cache reads.
///
/// No other field of a client chooses content or, but for the two that describe a forwarded body,
/// reaches an upstream (rule K1 of the reliability study), so no other field is here.
package struct RequestHead: Sendable, Hashable {
    package var method: Method
    package var target: RequestTarget
    package var host: String?
    /// Several Accept lines are one list.
    package var accept: String?
    package var acceptEncoding: String?
    package var ifNoneMatch: String?
    package var ifModifiedSince: String?
    package var ifRange: String?
    package var range: String?
    /// What the body of a POST is, which is sent on with it and nowhere else.
    package var contentType: String?
    package var contentEncoding: String?
    /// Whether Cache-Control or Pragma holds `no-cache`: `uv --refresh`.
    package var asksForRefresh: Bool
    /// Where the connection comes from; nil when that is no Internet address.
    package var peer: IPAddress?
    /// Who asks: the peer, or whom a trusted proxy names.
    ///
    /// For the log, and never for a decision.
    package var client: IPAddress?
    /// What log lines and answers call the request; before the server looked at it, whatever came.
    package var requestID: String?
    /// Who the client says it is; never sent on.
    package var authorization: AuthorizationField?
    /// What proxies say; nil when there is no such field.
    package var forwarding: ForwardingFields?

    package init(method: Method, target: RequestTarget) {
        self.method = method
        self.target = target
        asksForRefresh = false
    }
}

/// What conditional headers say about a selected representation (RFC 9110 section 13.2.2).
package enum Precondition: Sendable, Hashable {
    case proceed, notModified
}

extension RequestHead {
    /// Whether HTML is what the client wants most: a browser does, installers name it last or not at
    /// all.
    package var prefersHTML: Bool {
        guard let accept else { return false }
        return QualityList(accept).members.first?.name == "text/html"
    }

    /// Evaluates If-None-Match, else If-Modified-Since, for GET and HEAD.
    ///
    /// - Parameters:
    ///   - tag: The entity tag that the answer would carry.
    ///   - lastModified: The Last-Modified that the answer would carry.
    /// - Returns: Whether a 304 is the answer.
    package func precondition(tag: EntityTag?, lastModified: HTTPDate?) -> Precondition {
        if let ifNoneMatch {
            guard let tag else { return .proceed }
            return EntityTagList(ifNoneMatch).contains(tag) ? .notModified : .proceed
        }
        if let ifModifiedSince, let date = HTTPDate(ifModifiedSince), let lastModified {
            return lastModified <= date ? .notModified : .proceed
        }
        return .proceed
    }

    /// The range to serve, when Range is there, of the right form, and If-Range agrees.
    ///
    /// If-Range needs a strong match, or the exact date (RFC 9110 section 13.1.5).
    package func applicableRange(tag: EntityTag?, lastModified: HTTPDate?) -> ByteRange? {
        guard method == .get, let range, let parsed = ByteRange(range) else { return nil }
        guard let ifRange else { return parsed }
        if let wanted = EntityTag(ifRange.trimmingWhitespace) {
            return tag?.stronglyMatches(wanted) == true ? parsed : nil
        }
        guard let date = HTTPDate(ifRange), let lastModified, date == lastModified else {
            return nil
        }
        return parsed
    }
}
