package import HTTPModel

/// A registry behind the npm mount, and for which packages it is asked.
package struct NPMUpstream: Sendable, Hashable {
    /// The URL that one would set as npm's registry; ends in a slash.
    package let registry: AbsoluteURL
    /// For which scopes it is asked, each with its `@`; empty for all but ``elsewhere``.
    package let scopes: Set<String>
    /// The scopes of other upstreams, of which nothing is said to this one.
    package let elsewhere: Set<String>
    /// ``elsewhere`` in lower case.
    private let foreign: Set<String>
    /// Whether audits are sent to it.
    package let audits: Bool

    /// Nil when the registry's URL does not end in a slash or has a query.
    package init?(
        registry: AbsoluteURL, scopes: Set<String> = [], elsewhere: Set<String> = [],
        audits: Bool = true
    ) {
        guard registry.path.hasSuffix("/"), registry.query == nil else { return nil }
        self.registry = registry
        self.scopes = scopes
        self.elsewhere = elsewhere.subtracting(scopes)
        foreign = Set(self.elsewhere.map(\.asciiLowercased))
        self.audits = audits
    }

    /// The public registry, or nil when its constant is damaged.
    package static func publicRegistry() -> NPMUpstream? {
        AbsoluteURL(NPMDefaults.registry).flatMap { NPMUpstream(registry: $0) }
    }

    /// Whether this upstream is asked for a package.
    ///
    /// Of another upstream's scope not even another spelling is told to this one: nobody means it.
    func serves(_ package: PackageName) -> Bool {
        guard let scope = package.scope else { return scopes.isEmpty }
        return scopes.isEmpty
            ? !foreign.contains(scope.asciiLowercased) : scopes.contains(scope)
    }

    func url(_ path: String) -> AbsoluteURL { registry.appending(plainPath: path) }
}
