internal import Synchronization

extension MemoryMetadata {
    package func add(
        _ token: ClientToken, at now: Int64
    ) async throws(StoreError) -> TokenAddition {
        operations.withLock { tables in
            if let held = tables.tokens[token.name] {
                return held.id == token.id ? .added : .nameTaken
            }
            guard tables.tokens.count < ClientToken.countLimit else { return .full }
            tables.tokens[token.name] = token
            tables.note(Change(kind: .tokens, key: Change.tokensKey), at: now)
            return .added
        }
    }

    package func revokeToken(
        named name: String, at now: Int64
    ) async throws(StoreError) -> Bool {
        operations.withLock { tables in
            guard tables.tokens.removeValue(forKey: name) != nil else { return false }
            tables.note(Change(kind: .tokens, key: Change.tokensKey), at: now)
            return true
        }
    }

    package func clientTokens() async throws(StoreError) -> [ClientToken] {
        operations.withLock { $0.tokens.values.sorted { $0.name < $1.name } }
    }

    package func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
        operations.withLock { tables in
            for token in tables.tokens.values {
                guard let use = uses[token.id] else { continue }
                tables.tokens[token.name]?.usedAt = max(use, token.usedAt ?? use)
            }
        }
    }
}
