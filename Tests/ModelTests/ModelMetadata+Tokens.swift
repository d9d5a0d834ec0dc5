import Backends

extension ModelMetadata {
    func add(_ token: ClientToken, at now: Int64) async throws(StoreError) -> TokenAddition {
        try await write()
        return try await inner.add(token, at: now)
    }

    func revokeToken(named name: String, at now: Int64) async throws(StoreError) -> Bool {
        try await write()
        return try await inner.revokeToken(named: name, at: now)
    }

    func clientTokens() async throws(StoreError) -> [ClientToken] {
        try await read()
        return try await inner.clientTokens()
    }

    func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
        try await write()
        try await inner.record(tokenUses: uses)
    }
}
