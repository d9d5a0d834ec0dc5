import Backends
import Digests
import Testing

extension MetadataConformance {
    private static func token(
        _ name: String, id: String? = nil, expiresAt: Int64? = nil, isAdmin: Bool = false
    ) -> ClientToken {
        ClientToken(
            id: id ?? "id-\(name)", name: name, digest: .of(Array(name.utf8)),
            scopes: "pypi,helm:stable", isAdmin: isAdmin, createdAt: 100, expiresAt: expiresAt)
    }

    /// Tokens come back by their names, and every change of them is in the log.
    package func clientTokens() async throws {
        let store = try await store()
        #expect(try await store.clientTokens() == [])
        let first = Self.token("b", expiresAt: 900)
        let second = Self.token("a", isAdmin: true)
        #expect(try await store.add(first, at: 100) == .added)
        #expect(try await store.add(second, at: 101) == .added)
        #expect(try await store.clientTokens() == [second, first])
        // Once more is the same; another one of this name is not taken.
        #expect(try await store.add(first, at: 102) == .added)
        #expect(try await store.add(Self.token("b", id: "other"), at: 103) == .nameTaken)
        #expect(try await store.clientTokens() == [second, first])

        let log = try await store.changes(after: 0)
        #expect(log.changes.count >= 2)
        #expect(log.changes.allSatisfy { $0.kind == .tokens && $0.key == Change.tokensKey })
        #expect(try await store.revokeToken(named: "b", at: 104))
        #expect(try await store.revokeToken(named: "b", at: 105) == false)
        #expect(try await store.clientTokens() == [second])
        let later = try await store.changes(after: log.last)
        #expect(later.changes.first?.kind == .tokens)
        #expect(try await store.add(Self.token("b", id: "other"), at: 106) == .added)
    }

    /// Uses are written in batches, and never go back; those of a revoked token are nobody's.
    package func tokenUses() async throws {
        let store = try await store()
        for name in ["a", "b"] { _ = try await store.add(Self.token(name), at: 100) }
        let newest = try await store.newestChange()
        try await store.record(tokenUses: ["id-a": 200, "id-gone": 300])
        try await store.record(tokenUses: ["id-a": 150, "id-b": 151])
        try await store.record(tokenUses: [:])
        #expect(try await store.clientTokens().map(\.usedAt) == [200, 151])
        // A use is no news for other servers.
        #expect(try await store.newestChange() == newest)
    }

    /// Of many that take one name at once, one gets it.
    package func tokensOfManyWriters() async throws {
        let store = try await store()
        let outcomes = try await withThrowingTaskGroup(of: TokenAddition.self) { group in
            for number in 0..<20 {
                group.addTask { try await store.add(Self.token("ci", id: "\(number)"), at: 100) }
            }
            return try await group.reduce(into: [TokenAddition]()) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .added }.count == 1)
        #expect(outcomes.filter { $0 == .nameTaken }.count == 19)
        #expect(try await store.clientTokens().count == 1)
    }
}
