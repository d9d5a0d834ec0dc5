package import HTTPModel
package import Resources

/// One registry protocol below one mount, for one upstream.
///
/// An adapter is data and pure functions: it sees no storage, no socket and no clock. There is an
/// instance per mounted upstream. Called on server threads and in fills, so it keeps no state.
package protocol EcosystemAdapter: Sendable {
    /// Whose responses these are; part of every cache key.
    var identity: UpstreamIdentity { get }

    /// What a request below the mount asks for.
    ///
    /// On the hit path: no I/O, no look at anything but the head.
    /// `base` is where clients reach this server, nil when the request's host may not appear in our
    /// URLs; what needs absolute URLs then is ``RouteRefusal/unknownHost``.
    func route(_ head: RequestHead, base: PublicBase?) -> Route

    /// How to ask the upstream for a document.
    ///
    /// Only called with resources that `route` or `facts` of this adapter made.
    func origin(ofDocument name: String) -> DocumentOrigin

    /// Checks a fetched document and reads what it says of its files.
    ///
    /// - Throws: ``DocumentFault`` when this is not a valid answer of this registry: garbage is
    ///   never stored, and never taken for an empty document.
    func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact]

    /// Renders a stored document as clients get it: our URLs, one variant.
    ///
    /// Deterministic: the same document and variant give the same bytes, and
    /// ``rendererVersion`` changes whenever the result would.
    func render(
        _ document: UpstreamDocument, as variant: Variant
    ) throws(DocumentFault) -> Rendering

    /// A name for these rendering rules with their settings; part of a rendering's key.
    var rendererVersion: String { get }

    /// What an upstream's status means for this kind of resource.
    func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning

    /// What is added to the answers below the mount; read once.
    var replyExtras: ReplyExtras { get }

    /// How errors below the mount are worded, the server's own included.
    var errorForm: ErrorForm { get }

    /// Whether a target is this adapter's, which is mounted at `path`.
    ///
    /// On the hit path. Mounts are asked in their order, longer paths first, and the first one that
    /// claims a target answers it. By default it is all below `path`, and nothing for an empty one.
    func claims(_ target: RequestTarget, at path: [String]) -> Bool

    /// What is sent of a client's decoded body; only called where ``ForwardOrigin/isRead`` is set.
    ///
    /// - Throws: ``DocumentFault`` when the body is none of this registry's; answered 400.
    func outgoing(_ body: [UInt8], of origin: ForwardOrigin) throws(DocumentFault) -> [UInt8]
}

extension EcosystemAdapter {
    package var replyExtras: ReplyExtras { ReplyExtras() }

    package var errorForm: ErrorForm { .plain }

    package func claims(_ target: RequestTarget, at path: [String]) -> Bool {
        !path.isEmpty && target.lies(below: path)
    }

    package func outgoing(
        _ body: [UInt8], of origin: ForwardOrigin
    ) throws(DocumentFault) -> [UInt8] { body }
}

/// What a request asks for.
package enum Route: Sendable, Hashable {
    case document(name: String, variant: Variant)
    /// A file; its facts come with the document of this name, which is read if no fact is known.
    case artifact(name: String, namedBy: String)
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

    package init(status: Int, reason: String, isForAllMethods: Bool = false) {
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

/// How a document is asked for.
package struct DocumentOrigin: Sendable, Hashable {
    package let url: AbsoluteURL
    package let accept: String

    package init(url: AbsoluteURL, accept: String) {
        self.url = url
        self.accept = accept
    }
}

/// A document as the upstream sent it, decoded from its transfer's coding.
package struct UpstreamDocument: Sendable {
    /// The document's name, as in ``Resource/name``.
    package let name: String
    /// The Content-Type as sent; nil when there was none.
    package let contentType: String?
    /// Where it came from after redirects: the base of relative links.
    package let url: AbsoluteURL
    package let bytes: [UInt8]

    package init(name: String, contentType: String?, url: AbsoluteURL, bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.url = url
        self.bytes = bytes
    }
}

/// Why a document is no valid answer; a fixed sentence, nothing from the document.
package struct DocumentFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Whether the document says that there is no such thing, as a 404 would.
    package let meansAbsence: Bool

    package init(_ description: String) {
        self.description = description
        meansAbsence = false
    }

    private init(absence description: String) {
        self.description = description
        meansAbsence = true
    }

    /// A good answer of a registry that has no 404 for what it does not know.
    package static let absent = DocumentFault(absence: "the document says that there is none")
}

/// A document as clients get it.
package struct Rendering: Sendable {
    package let contentType: String
    package let bytes: [UInt8]

    package init(contentType: String, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }
}

/// An upstream's status, as the engine needs it.
package enum UpstreamMeaning: Sendable, Hashable {
    case present
    case notModified
    /// It says that there is no such thing: 404, 410, and 403 where a file host means that.
    case absent
    /// It does not let us: 401, 403.
    case refused
    /// It asks us to come later: 429, 503 with Retry-After.
    case busy
    case failed
}
