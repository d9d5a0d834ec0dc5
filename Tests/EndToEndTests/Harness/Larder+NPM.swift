extension LarderHome {
    /// Settles where it will run, with `upstream` as its npm registry.
    convenience init(
        npm upstream: NPMUpstream, variables: [String: String] = [:], settings: String = ""
    ) throws {
        let own = ["LARDER_NPM_UPSTREAM": upstream.registry]
        try self.init(
            upstream: nil, variables: own.merging(variables) { $1 }, settings: settings)
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
