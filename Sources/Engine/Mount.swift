package import Backends
package import CacheRules
package import Ecosystems
internal import HTTPModel
internal import Resources

/// One upstream at one place in our URL space.
package struct Mount: Sendable {
    /// The first segments of its paths: `["pypi"]`.
    package let path: [String]
    package let adapter: any EcosystemAdapter
    package let policy: UpstreamPolicy
    package let freshness: FreshnessRule

    package init(
        path: [String], adapter: any EcosystemAdapter, policy: UpstreamPolicy,
        freshness: FreshnessRule
    ) {
        precondition(!path.isEmpty)
        self.path = path
        self.adapter = adapter
        self.policy = policy
        self.freshness = freshness
    }

    /// The upstream's label in metrics, logs and sentences.
    var label: String { adapter.identity.name }

    /// Whether a target lies below this mount.
    func holds(_ target: RequestTarget) -> Bool {
        guard target.segments.count >= path.count else { return false }
        return zip(path, target.segments).allSatisfy { $0 == $1.text && !$1.hasEncodedSlash }
    }
}
