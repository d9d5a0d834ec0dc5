extension NPMUpstream {
    /// What a server is told of it, as its npm registry.
    var settings: String { "npm:\n  upstream:\n" + place(indent: 4) }

    /// Its files' host is another port of this machine, which nobody would allow by default.
    fileprivate func place(indent: Int) -> String {
        ["url: \(registry)/", "hosts: [127.0.0.1]", "private_addresses: true"]
            .map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
    }
}

extension LarderHome {
    /// Settles where it will run, with `upstream` as its npm registry and others for some scopes.
    ///
    /// Scopes come with their `@`.
    convenience init(
        npm upstream: NPMUpstream, scopes: [String: NPMUpstream] = [:],
        variables: [String: String] = [:]
    ) throws {
        var settings = upstream.settings
        if !scopes.isEmpty { settings += "  scopes:\n" }
        for (scope, registry) in scopes {
            settings += "    \"\(scope)\":\n" + registry.place(indent: 6)
        }
        try self.init(upstream: nil, variables: variables, settings: settings)
    }
}

extension Larder {
    /// What an npm client gets as its registry.
    var registry: String { "http://127.0.0.1:\(port)/npm" }

    /// How many requests of this method were answered.
    func requestCount(_ method: String) -> Int {
        events("request").count { $0["method"] == method }
    }
}
