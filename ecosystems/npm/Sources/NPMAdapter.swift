package import Ecosystems
internal import HTTPModel
package import Resources

/// The npm registry below one mount: `<name>`, `<name>/<version>`, `<name>/-/<file>.tgz`, `-/…`.
///
/// A packument is stored in full as the upstream sent it, and all forms are rendered from that. An
/// instance is for one upstream: the main one, or one that some scopes have to themselves.
/// Source: npm's registry documentation, and what the clients do.
package struct NPMAdapter: EcosystemAdapter {
    package let upstream: NPMUpstream
    package let identity: UpstreamIdentity
    /// Whether it only serves what clients ask for at the root, having lost the mount's path.
    let servesRoot: Bool
    /// The path segments before a package's name in URLs that we make.
    let mount: [String]

    package init(mount: [String], upstream: NPMUpstream, servesRoot: Bool = false) {
        self.mount = mount
        self.upstream = upstream
        self.servesRoot = servesRoot
        let folder = mount.joined(separator: "/")
        let scope = upstream.scopes.min().map { "/\($0)" } ?? ""
        identity = UpstreamIdentity(
            ecosystem: "npm", name: folder + scope, location: upstream.registry.description)
    }

    package var rendererVersion: String { "npm 1|" + mount.joined(separator: "/") }
    /// Apart from the renderings: "2" since what a packument says of its age and of a takedown is kept.
    package var factsVersion: String { "2|" + rendererVersion }
    package var documentTags: DocumentTags { .weak }
    /// npm does not ask again for a file that breaks off, and yarn berry checks none.
    package var verifiesBeforeSending: Int { 16 << 20 }
    package var errorForm: ErrorForm { .json }

    package func origin(ofDocument name: String) -> DocumentOrigin {
        let json = PackumentVariant.fullType
        switch DocumentName(name) {
        case .packument(let package):
            return DocumentOrigin(url: upstream.url(package.upstreamSegment), accept: json)
        case .manifest(let package, let version):
            return DocumentOrigin(
                url: upstream.url("\(package.upstreamSegment)/\(version)"), accept: json)
        case .keys, .attestations:
            return DocumentOrigin(
                url: upstream.url(name), accept: json, freshness: .seconds(86_400)
            )
        case .search(let query):
            return DocumentOrigin(
                url: AbsoluteURL("\(upstream.url("-/v1/search"))?\(query)"), accept: json,
                freshness: .seconds(60))
        case nil: return DocumentOrigin(url: nil, accept: json)
        }
    }

    package func intake(of head: DocumentHead) -> any DocumentIntake {
        let place = TarballPlace(registry: upstream.registry, document: head.url)
        switch DocumentName(head.name) {
        case .packument(let package): return PackumentIntake(package, place)
        case .manifest(let package, let version):
            return PackumentIntake(package, manifestOf: version, place)
        case .keys, .attestations, .search: return ServiceIntake()
        case nil: return NoIntake()
        }
    }

    package func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        guard let form = PackumentVariant(variant) else { return NoRewriter() }
        let name = DocumentName(head.name)
        switch (form, name) {
        case (.distTags, .packument): return DistTagsRewriter()
        case (.unchanged, .keys), (.unchanged, .attestations), (.unchanged, .search):
            return UnchangedRewriter()
        default: break
        }
        guard let base = variant.base, case .packument(let package) = name else {
            return NoRewriter()
        }
        let links = TarballLinks(package, base: base, mount: mount)
        switch form {
        case .full: return TarballRewriter(links)
        case .abbreviated: return AbbreviatedRewriter(links)
        case .manifest(let wanted): return ManifestRewriter(wanted, links)
        case .distTags, .unchanged: return NoRewriter()
        }
    }

    package func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        switch status {
        case 200: .present
        case 304: .notModified
        // 451: taken down.
        case 404, 410, 451: .absent
        case 401, 402, 403: .refused
        case 429, 503: .busy
        default: .failed
        }
    }

    package func outgoing(
        _ body: [UInt8], of origin: ForwardOrigin
    ) throws(DocumentFault) -> [UInt8] {
        try AuditBody.without(upstream.elsewhere, body)
    }
}
