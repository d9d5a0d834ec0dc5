import Backends

extension FaultyMetadata {
    func add(_ token: ClientToken, at now: Int64) async throws(StoreError) -> TokenAddition {
        try check()
        return try await inner.add(token, at: now)
    }

    func revokeToken(named name: String, at now: Int64) async throws(StoreError) -> Bool {
        try check()
        return try await inner.revokeToken(named: name, at: now)
    }

    func clientTokens() async throws(StoreError) -> [ClientToken] {
        try check()
        return try await inner.clientTokens()
    }

    func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
        try check()
        try await inner.record(tokenUses: uses)
    }
}
