package import Ecosystems
package import HTTPModel

/// The chart repository behind one mount.
package struct HelmUpstream: Sendable, Hashable {
    /// The URL that one would give `helm repo add`, with one slash at its end; it may have a query.
    package let base: AbsoluteURL
    package let limits: IndexLimits
    package let digestMismatch: DigestMismatch
    /// Whether entries whose charts are stored stay in the index when the upstream removes them.
    package let keepsPruned: Bool

    package init(
        base: AbsoluteURL, limits: IndexLimits = IndexLimits(),
        digestMismatch: DigestMismatch = .refuse, keepsPruned: Bool = false
    ) {
        let query = base.query.map { "?" + $0 } ?? ""
        var path = base.path[...]
        while path.last == "/" { path = path.dropLast() }
        let text = "\(base.scheme.rawValue)://\(base.authority)\(path)/\(query)"
        self.base = AbsoluteURL(text) ?? base
        self.limits = limits
        self.digestMismatch = digestMismatch
        self.keepsPruned = keepsPruned
    }

    /// Where the index is: the query of the repository's URL is kept, as Helm does.
    var index: AbsoluteURL {
        let query = base.query.map { "?" + $0 } ?? ""
        return base.resolving("index.yaml" + query) ?? base
    }

    /// The base without its query, which may be a secret.
    var location: String {
        "\(base.scheme.rawValue)://\(base.authority)\(base.path)"
    }
}
