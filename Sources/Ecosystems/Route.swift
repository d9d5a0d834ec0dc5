/// What a request asks for.
package enum Route: Sendable, Hashable {
    /// A document; one that is not storable goes to clients with `Cache-Control: no-store`.
    case document(name: String, variant: Variant, isStorable: Bool = true)
    /// A file; its facts come with the document `namedBy`, which is read if no fact is known.
    ///
    /// While that document is not stored, the small document `hint` is read instead; when it fails
    /// or does not name the file, `namedBy` is. A hint is called `<namedBy>@<part>`, so that
    /// storing `namedBy` ends what its hints said.
    case artifact(name: String, namedBy: String, hint: String? = nil)
    /// A redirect to a reference relative to the request's own URL.
    case redirect(to: String, Permanence)
    /// An answer of our own, without an upstream.
    case here(HereResponse)
    /// A POST that the upstream answers; other methods are answered 405.
    ///
    /// A route is asked for with every method, and all routes but this one and refusals that say so
    /// are for GET and HEAD.
    case forward(ForwardOrigin)
    case refused(RouteRefusal)

    package enum Permanence: Sendable, Hashable {
        /// 301: clients keep it for ever, so only for what can never change.
        case permanent
        case temporary
    }
}

/// An answer that needs no upstream and no store.
package struct HereResponse: Sendable, Hashable {
    package let contentType: String
    package let body: [UInt8]

    package init(contentType: String, body: [UInt8]) {
        self.contentType = contentType
        self.body = body
    }
}

/// Why a route has no answer.
package struct RouteRefusal: Sendable, Hashable {
    /// 400, 404, 405, 406 or 421.
    package let status: Int
    /// One sentence for the client; nothing from the request is repeated in it (rule L1).
    package let reason: String
    /// Whether it is also the answer to POST, PUT and the like, which get 405 otherwise.
    ///
    /// A 405 of an adapter always is; `Allow` is added to it.
    package let isForAllMethods: Bool
    /// The sentence for clients who may not know of all upstreams; nil where the other names none.
    package let discreetReason: String?

    package init(
        status: Int, reason: String, isForAllMethods: Bool = false, discreetReason: String? = nil
    ) {
        self.discreetReason = discreetReason
        self.status = status
        self.reason = reason
        self.isForAllMethods = isForAllMethods || status == 405
    }

    /// The answer would hold URLs of this server, and nobody said that it has this name.
    package static let unknownHost = RouteRefusal(
        status: 421,
        reason: "This answer holds URLs of this server, and the request's Host may not appear in "
            + "them; set public_url, or list the host in allowed_hosts.")
}

/// One form of a document: a media type, full or abbreviated, and whose URLs are in it.
package struct Variant: Sendable, Hashable {
    /// Short, without spaces; part of a rendering's key.
    package let name: String
    /// The base of its absolute URLs, and part of a rendering's key; nil where all are relative.
    package let base: PublicBase?

    package init(_ name: String, base: PublicBase? = nil) {
        self.name = name
        self.base = base
    }
}
