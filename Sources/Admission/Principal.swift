package import Resources

/// Who asks, and what they may read.
package struct Principal: Sendable, Hashable {
    /// Everything, as nobody in particular: clients where no token is needed, and the engine itself.
    package static let unrestricted = Principal(reading: [.all])
    /// Somebody who may read nothing.
    package static let nobody = Principal(reading: [])

    /// The name of the client's token; nil for somebody without one.
    package let client: String?
    package let scopes: [Scope]
    /// Whether it may do what changes the server's state.
    package let isAdmin: Bool
    /// Whether every upstream may be read; kept, since the hit path asks for it.
    package let readsAll: Bool

    /// Somebody without a token.
    package init(reading scopes: [Scope]) {
        self.init(client: nil, reading: scopes, isAdmin: false)
    }

    /// A client by the name of its token; an admin reads everything.
    package init(client: String?, reading scopes: [Scope], isAdmin: Bool) {
        self.client = client
        self.scopes = scopes
        self.isAdmin = isAdmin
        readsAll = isAdmin || scopes.contains(.all)
    }

    package func mayRead(_ upstream: UpstreamIdentity) -> Bool {
        readsAll || scopes.contains { $0.covers(upstream) }
    }

    /// Whether it may read at least something of an ecosystem.
    package func knows(ecosystem: String) -> Bool {
        readsAll || scopes.contains { $0.ecosystem == ecosystem }
    }

    package var mayReadMetrics: Bool { readsAll || scopes.contains(.metrics) }
}
