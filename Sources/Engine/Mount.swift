package import Backends
package import CacheRules
package import Ecosystems
internal import HTTPModel
internal import Resources

/// One upstream at one place in our URL space.
package struct Mount: Sendable {
    /// The first segments of its paths: `["pypi"]`; empty for paths at the root.
    ///
    /// What lies below it is the adapter's to say (``EcosystemAdapter/claims(_:at:)``).
    package let path: [String]
    package let adapter: any EcosystemAdapter
    package let policy: UpstreamPolicy
    package let freshness: FreshnessRule
    /// Header lines for every answer.
    let extraFields: [UInt8]
    /// Upstream fields of documents that are kept and passed on: as stored, and as sent.
    let passedFields: [(stored: String, sent: StaticString)]
    let errorForm: ErrorForm
    /// Header lines for the 204 to OPTIONS; nil where that is no method.
    let optionsFields: [UInt8]?

    package init(
        path: [String], adapter: any EcosystemAdapter, policy: UpstreamPolicy,
        freshness: FreshnessRule
    ) {
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

    /// The value of an Allow field, from the methods of a path.
    func allowed(_ methods: String = "GET, HEAD") -> String {
        optionsFields == nil ? methods : "\(methods), OPTIONS"
    }

    /// The upstream's label in metrics, logs and sentences.
    var label: String { adapter.identity.name }

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
