internal import Admission
package import Backends
package import CacheRules
package import Ecosystems
internal import HTTPModel
internal import Resources

/// One upstream, or something made of several, at one place in our URL space.
package struct Mount: Sendable {
    /// The first segments of its paths: `["pypi"]`; empty for paths at the root.
    ///
    /// What lies below it is the adapter's to say (``EcosystemAdapter/claims(_:at:)``).
    package let path: [String]
    package let adapter: any EcosystemAdapter
    package let policy: UpstreamPolicy
    package let freshness: FreshnessRule
    /// The adapter, where it makes its documents of those of other mounts.
    let merging: (any MergingAdapter)?
    /// Header lines for every answer.
    let extraFields: [UInt8]
    /// Upstream fields of documents that are kept and passed on: as stored, and as sent.
    let passedFields: [(stored: String, sent: StaticString)]
    let errorForm: ErrorForm
    /// Whether answers are for their clients alone, and for no cache that several share.
    private(set) var isPrivate = false
    /// Header lines for the 204 to OPTIONS; nil where that is no method.
    let optionsFields: [UInt8]?

    package init(
        path: [String], adapter: any EcosystemAdapter, policy: UpstreamPolicy,
        freshness: FreshnessRule
    ) {
        self.init(
            path: path, adapter: adapter, policy: policy, freshness: freshness, merging: nil)
    }

    /// A mount without an upstream of its own, so that nobody is ever asked for it.
    package init(path: [String], merging adapter: any MergingAdapter) {
        self.init(
            path: path, adapter: adapter, policy: UpstreamPolicy(home: .nowhere),
            freshness: FreshnessRule(ceilingSeconds: 0), merging: adapter)
    }

    private init(
        path: [String], adapter: any EcosystemAdapter, policy: UpstreamPolicy,
        freshness: FreshnessRule, merging: (any MergingAdapter)?
    ) {
        self.merging = merging
        self.path = path
        self.adapter = adapter
        self.policy = policy
        self.freshness = freshness
        errorForm = adapter.errorForm
        let extras = adapter.replyExtras
        extraFields = Self.lines(extras.fields)
        passedFields = extras.passed.map { ($0.description.asciiLowercased, $0) }
        optionsFields = extras.options.map(Self.lines)
    }

    private static func lines(_ fields: [ReplyExtras.Field]) -> [UInt8] {
        guard !fields.isEmpty else { return [] }
        var lines = ReplyFields()
        for field in fields { lines.add(field.name, field.value) }
        return lines.bytes
    }

    /// The same mount, which is private unless a stranger may read it.
    func shared(with stranger: Principal) -> Mount {
        var mount = self
        mount.isPrivate = !stranger.mayRead(adapter.identity)
        return mount
    }

    /// How its answers may be stored, as the beginning of a Cache-Control field.
    var storability: String { isPrivate ? "private" : "public" }

    /// The value of an Allow field, from the methods of a path.
    func allowed(_ methods: String = "GET, HEAD") -> String {
        optionsFields == nil ? methods : "\(methods), OPTIONS"
    }

    /// The upstream's label in metrics, logs and sentences.
    var label: String { adapter.identity.name }

    /// The name under which the health of its own upstream is kept; nil where it has none.
    package var upstreamLabel: String? { merging == nil ? label : nil }

    /// The labels of the upstreams that a document comes from: one, unless it is made of several.
    func sources(ofDocument name: String) -> [String] {
        merging?.members(ofDocument: name).map(\.upstream.name) ?? [label]
    }

    /// Whether an outage's label is that of this upstream, or of a host that is listed for it.
    func owns(outage upstream: String) -> Bool {
        guard let label = upstreamLabel else { return false }
        if upstream == label { return true }
        guard upstream.hasPrefix("\(label) ") else { return false }
        let host = upstream.dropFirst(label.utf8.count + 1)
        return ["https", "http"].contains { scheme in
            AbsoluteURL("\(scheme)://\(host)/").map(policy.isListed) ?? false
        }
    }

    /// Whether a target is this mount's.
    func holds(_ target: RequestTarget) -> Bool { adapter.claims(target, at: path) }
}

extension [Mount] {
    /// The longest path first, so that a named index wins over the mount it lies in; where two are
    /// as long, they stay in their order.
    var longestFirst: [Mount] {
        enumerated()
            .sorted { ($1.element.path.count, $0.offset) < ($0.element.path.count, $1.offset) }
            .map(\.element)
    }
}
