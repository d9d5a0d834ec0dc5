extension LarderHome {
    /// Settles where it will run, with `upstream` as its npm registry and others for some scopes.
    ///
    /// Scopes come with their `@`.
    convenience init(
        npm upstream: NPMUpstream, scopes: [String: NPMUpstream] = [:],
        variables: [String: String] = [:]
    ) throws {
        var lines = ["npm:", "  upstream:"] + Self.lines(upstream)
        if !scopes.isEmpty { lines.append("  scopes:") }
        for (scope, registry) in scopes {
            lines.append("    \"\(scope)\":")
            lines += Self.lines(registry).map { "  " + $0 }
        }
        try self.init(
            upstream: nil, variables: variables,
            settings: lines.joined(separator: "\n") + "\n")
    }

    /// Its files' host is another port of this machine, which nobody would allow by default.
    private static func lines(_ upstream: NPMUpstream) -> [String] {
        [
            "    url: \(upstream.registry)/", "    hosts: [127.0.0.1]",
            "    private_addresses: true",
        ]
    }
}

extension Larder {
    /// What an npm client gets as its registry.
    var registry: String { "http://127.0.0.1:\(port)/npm" }

    /// How many requests of this method were answered; `OTHER` stands for all that are never served.
    func requestCount(_ method: String) -> Int {
        events("request").count { $0["method"] == method }
    }
}
