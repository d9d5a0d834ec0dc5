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
    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route

    /// How to ask the upstream for a document.
    ///
    /// Only called with resources that `route` or `facts` of this adapter made.
    func origin(ofDocument name: String) -> DocumentOrigin

    /// What checks a document while it arrives, and reads what it says of its files.
    func intake(of head: DocumentHead) -> any DocumentIntake

    /// What renders a stored document as clients get it: our URLs, one variant.
    ///
    /// Deterministic: the same document and variant give the same bytes, and
    /// ``rendererVersion`` changes whenever the result would.
    func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter

    /// A name for these rendering rules with their settings; part of a rendering's key.
    var rendererVersion: String { get }

    /// A name for the rules, with their settings, by which ``intake(of:)`` makes facts.
    ///
    /// It changes whenever the facts of a document would: those that are stored are then made anew.
    /// By default it is ``rendererVersion``.
    var factsVersion: String { get }

    /// Which entity tags documents have.
    var documentTags: DocumentTags { get }

    /// The size in bytes up to which a file is sent only after it was verified whole; 0 for none.
    ///
    /// With a size, a file of unknown size is verified first as well, however large it turns out.
    /// All others are sent while they arrive, with the tail held back.
    var verifiesBeforeSending: Int { get }

    /// What it means when a file's bytes are not those that its document promises.
    var digestMismatch: DigestMismatch { get }

    /// Which releases a document speaks of.
    ///
    /// On the hit path.
    func scope(ofDocument name: String) -> DocumentScope

    /// Which release an artifact belongs to; `version` is what its fact says, if it has one.
    ///
    /// On the hit path.
    func release(ofArtifact name: String, version: String?) -> ArtifactRelease

    /// A stored document without the releases that a judge hides, in a form that
    /// ``rewriter(of:as:)`` takes.
    ///
    /// Deterministic but for the judge. Holds the document whole, and a copy.
    ///
    /// - Returns: Nil when there is nothing left to be served under its name.
    func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument?

    /// What keeps entries in a document that its upstream has removed; nil where they go.
    var keeper: (any EntryKeeper)? { get }

    /// What an upstream's status means for this kind of resource.
    func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning

    /// The archive that an artifact can be taken from where the upstream announces it and has it not.
    func member(_ artifact: String) -> ArchiveMember?

    /// What follows facts that lead to a pointer; nil where every fact's URL is the file itself.
    var pointers: (any PointerReader)? { get }

    /// What the bytes of an artifact must look like, and its media type.
    ///
    /// On the hit path.
    func form(ofArtifact name: String) -> ArtifactForm

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
    package var factsVersion: String { rendererVersion }
    package var documentTags: DocumentTags { .strong }
    package var verifiesBeforeSending: Int { 0 }
    package var digestMismatch: DigestMismatch { .refuse }
    package func scope(ofDocument name: String) -> DocumentScope { .nothing }
    package func release(ofArtifact name: String, version: String?) -> ArtifactRelease {
        ArtifactRelease(artifact: name, package: nil, version: version)
    }
    package func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument? { document }
    package var keeper: (any EntryKeeper)? { nil }
    package var replyExtras: ReplyExtras { ReplyExtras() }
    package func member(_ artifact: String) -> ArchiveMember? { nil }
    package var pointers: (any PointerReader)? { nil }
    package func form(ofArtifact name: String) -> ArtifactForm { .bytes }
    package var errorForm: ErrorForm { .plain }

    package func claims(_ target: RequestTarget, at path: [String]) -> Bool {
        !path.isEmpty && target.lies(below: path)
    }

    package func outgoing(
        _ body: [UInt8], of origin: ForwardOrigin
    ) throws(DocumentFault) -> [UInt8] { body }
}

/// What the entity tags of documents are made of (RFC 9110 section 8.8.3).
package enum DocumentTags: Sendable, Hashable {
    /// The very bytes that are sent: each coding has its own tag.
    case strong
    /// The identity bytes of a variant: all codings have one tag.
    ///
    /// If-Modified-Since alone then never gives a 304, since two versions of a document can have
    /// the same second.
    case weak
    /// The upstream's own, for documents that are passed on as they came.
    ///
    /// The upstream's Cache-Control, Vary and dates go with it, as far as the adapter passes them on,
    /// and Age. Such documents have no coding, and parts of them can be asked for.
    case upstream
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
