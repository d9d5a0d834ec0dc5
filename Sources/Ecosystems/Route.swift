/// What a request asks for.
package enum Route: Sendable, Hashable {
    /// A document; one that is not storable goes to clients with `Cache-Control: no-store`.
    case document(name: String, variant: Variant, isStorable: Bool = true)
    /// A file; its facts come with the document `namedBy`, which is read if no fact is known.
    ///
    /// While that document is not stored, the small document `hint` is read instead; when it fails
    /// or does not name the file, `namedBy` is.
    case artifact(name: String, namedBy: String, hint: String? = nil)
    /// A redirect to a reference relative to the request's own URL.
    case redirect(to: String, Permanence)
    /// An answer of our own, without an upstream.
    case here(HereResponse)
    /// A POST that the upstream answers; other methods are answered 405.
    ///
    /// A route is asked for with every method but OPTIONS, and all routes but this one and refusals
    /// that say so are for GET and HEAD.
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
    /// 400, 404, 405 or 406.
    package let status: Int
    /// One sentence for the client; nothing from the request is repeated in it (rule L1).
    package let reason: String
    /// Whether it is also the answer to POST, PUT and the like, which get 405 otherwise.
    ///
    /// A 405 of an adapter always is; `Allow` is added to it.
    package let isForAllMethods: Bool

    package init(status: Int, reason: String, isForAllMethods: Bool = false) {
        self.status = status
        self.reason = reason
        self.isForAllMethods = isForAllMethods || status == 405
    }
}

/// One form of a document: a media type, full or abbreviated.
package struct Variant: Sendable, Hashable {
    /// Short, without spaces; part of a rendering's key.
    package let name: String

    package init(_ name: String) {
        self.name = name
    }
}
