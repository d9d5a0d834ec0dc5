internal import Resources

/// What a client may read: everything, one ecosystem, or one upstream of it.
///
/// As text: `all`, `pypi`, `helm:stable`, `npm:@acme`; `pypi:upstream` and `npm:upstream` are the
/// ecosystem's own upstream without the further ones. `metrics` is the server's metrics alone.
package enum Scope: Sendable, Hashable {
    case all
    case ecosystem(String)
    /// One upstream by the name that the operator gave it.
    case upstream(ecosystem: String, name: String)
    case metrics

    /// What stands for the upstream that has no name of its own.
    private static let unnamed = "upstream"

    /// - Returns: `nil` for what is no scope by its form; whether there is such an upstream is
    ///   another question.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2C }
        guard isPlain, text.utf8.count <= 128, parts.allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        switch (String(parts[0]), parts.count) {
        case ("all", 1): self = .all
        case ("metrics", 1): self = .metrics
        case (let ecosystem, 1): self = .ecosystem(ecosystem)
        case (let ecosystem, _): self = .upstream(ecosystem: ecosystem, name: String(parts[1]))
        }
    }

    /// The scope of one upstream alone, by its label.
    package init(ofUpstream label: String) {
        let ecosystem = String(label.prefix { $0 != "/" })
        self = .upstream(ecosystem: ecosystem, name: Self.name(in: label, of: ecosystem))
    }

    package var text: String {
        switch self {
        case .all: "all"
        case .ecosystem(let ecosystem): ecosystem
        case .upstream(let ecosystem, let name): "\(ecosystem):\(name)"
        case .metrics: "metrics"
        }
    }

    package var ecosystem: String? {
        switch self {
        case .all, .metrics: nil
        case .ecosystem(let ecosystem), .upstream(let ecosystem, _): ecosystem
        }
    }

    func covers(_ upstream: UpstreamIdentity) -> Bool {
        switch self {
        case .all: true
        case .metrics: false
        case .ecosystem(let ecosystem): ecosystem == upstream.ecosystem
        case .upstream(let ecosystem, let name):
            ecosystem == upstream.ecosystem
                && name == Self.name(in: upstream.name, of: ecosystem)
        }
    }

    /// Labels are `pypi` for the unnamed one, and `pypi/internal` for others.
    private static func name(in label: String, of ecosystem: String) -> String {
        let start = "\(ecosystem)/"
        return label.hasPrefix(start) ? String(label.dropFirst(start.utf8.count)) : unnamed
    }
}
