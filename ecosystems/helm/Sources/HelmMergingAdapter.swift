internal import Digests
package import Ecosystems
package import HTTPModel
package import Resources

/// All chart repositories as one, with an index of their indexes and a page that lists them.
///
/// Its URLs lead to the repositories' own mounts, which are below its own; so do the charts.
package struct HelmMergingAdapter: MergingAdapter {
    /// The path segments that come before the repositories' names: `helm`.
    package let mount: [String]
    /// In the order in which they own charts.
    package let repositories: [HelmAdapter]
    package let identity: UpstreamIdentity
    package let rendererVersion = "2"

    package init(mount: [String], repositories: [HelmAdapter]) {
        self.mount = mount
        self.repositories = repositories
        // The rules of merging and all that is merged: another configuration is another document.
        let parts = repositories.map { "\($0.name) \($0.rendererVersion)\n" }
        let recipe = BlobDigest.of(Array(("1\n" + parts.joined()).utf8)).hex.prefix(32)
        identity = UpstreamIdentity(
            ecosystem: "helm", name: mount.joined(separator: "/"), location: "merged:\(recipe)")
    }

    package func members(ofDocument name: String) -> [DocumentMember] {
        repositories.map { DocumentMember(upstream: $0.identity, document: HelmAdapter.index) }
    }

    package func merger(ofDocument name: String) -> any DocumentMerger {
        IndexMerger(repositories)
    }

    package func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        MergedIndexRewriter(IndexForm(variant) ?? .json)
    }

    /// The page and the index; what else lies below the mount is the repositories' own.
    package func claims(_ target: RequestTarget, at path: [String]) -> Bool {
        guard target.lies(below: path) else { return false }
        let rest = target.segments.dropFirst(path.count)
        return rest.isEmpty
            || rest.count == 1 && rest.first?.text == HelmAdapter.index && !target.hasTrailingSlash
    }

    package func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        guard head.method == .get || head.method == .head else { return .readOnly }
        guard claims(head.target, at: mount) else { return .unknownPath }
        guard head.target.segments.count > mount.count else { return .here(page(base())) }
        return IndexForm.route(HelmAdapter.index, head.target.query)
    }

    private func page(_ base: PublicBase?) -> HereResponse {
        let url = mount.url(base)
        let lines = repositories.map { "    helm repo add \($0.name) \($0.mount.url(base))" }
        let text = """
            Helm chart repositories, kept here by Larder. Add all of them as one with:

                helm repo add all \(url)

            Where several have a chart of one name, it comes from the first of them in this order.
            Or add single ones, which have all of their charts:

            \(lines.joined(separator: "\n"))

            """
        return HereResponse(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

extension [String] {
    /// The URL of a mount, as far as it is known where clients reach us.
    func url(_ base: PublicBase?) -> String {
        (base?.text ?? "<this server>") + "/" + joined(separator: "/")
    }
}
