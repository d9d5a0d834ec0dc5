import Admission
import Backends
import Clients
import HTTPModel
import Resources
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct TokenTableTests {
    /// Clocks that a test moves; a sleep is over at once.
    private final class Clock: TimeSource {
        let second = Mutex<Int64>(1_000)

        var now: Int64 { second.withLock { $0 } }
        var uptimeNanoseconds: UInt64 { 0 }
        func sleep(for duration: Duration) async { await Task.yield() }
    }

    /// The memory's tokens, which can be away.
    private final class Tokens: ClientTokens {
        let inner = MemoryMetadata()
        let isAway = Mutex(false)
        let readCount = Mutex(0)

        private func check() throws(StoreError) {
            if isAway.withLock({ $0 }) { throw .database(code: 1) }
        }

        func add(_ token: ClientToken, at now: Int64) async throws(StoreError) -> TokenAddition {
            try await inner.add(token, at: now)
        }

        func revokeToken(named name: String, at now: Int64) async throws(StoreError) -> Bool {
            try await inner.revokeToken(named: name, at: now)
        }

        func clientTokens() async throws(StoreError) -> [ClientToken] {
            readCount.withLock { $0 += 1 }
            try check()
            return try await inner.clientTokens()
        }

        func record(tokenUses uses: [String: Int64]) async throws(StoreError) {
            try check()
            try await inner.record(tokenUses: uses)
        }
    }

    private let clock = Clock()
    private let tokens = Tokens()
    private let table: TokenTable

    init() {
        table = TokenTable(
            tokens, stranger: Principal(reading: [.ecosystem("helm")]), time: clock)
    }

    /// Makes a token; returns its text.
    private func make(
        _ name: String, scopes: String = "pypi", expiresAt: Int64? = nil
    ) async throws -> String {
        let (text, secret) = TokenText.make()
        let token = ClientToken(
            id: secret.id, name: name, digest: secret.digest, scopes: scopes, isAdmin: false,
            createdAt: clock.now, expiresAt: expiresAt)
        #expect(try await tokens.add(token, at: clock.now) == .added)
        return text
    }

    private func bearer(_ text: String) -> Identification {
        table.identify(AuthorizationField("Bearer \(text)"))
    }

    private func name(_ identification: Identification) -> String? {
        if case .known(let principal) = identification { principal.client } else { nil }
    }

    @Test("a token's client is known by name and scopes, and somebody without is a stranger")
    func known() async throws {
        let text = try await make("ci", scopes: "pypi,helm:stable,all words")
        try await table.load()
        let expected = Principal(
            client: "ci",
            reading: [.ecosystem("pypi"), .upstream(ecosystem: "helm", name: "stable")],
            isAdmin: false)
        #expect(bearer(text) == .known(expected))
        #expect(table.identify(nil) == .known(Principal(reading: [.ecosystem("helm")])))
    }

    @Test("wrong, unknown and malformed ones are told apart for the metric, and ask no database")
    func wrong() async throws {
        let text = try await make("ci")
        try await table.load()
        let last = text.last == "0" ? "1" : "0"
        #expect(bearer(text.dropLast() + last) == .refused(.wrong))
        for _ in 0..<1_000 {
            #expect(bearer(TokenText.make().text) == .refused(.unknown))
        }
        #expect(bearer("secret") == .refused(.malformed))
        #expect(table.identify(AuthorizationField("")) == .refused(.malformed))
        #expect(tokens.readCount.withLock { $0 } == 1)
    }

    @Test("a token ends with its second, without a look at the database")
    func expiry() async throws {
        let text = try await make("ci", expiresAt: 1_010)
        try await table.load()
        clock.second.withLock { $0 = 1_009 }
        #expect(name(bearer(text)) == "ci")
        clock.second.withLock { $0 = 1_010 }
        #expect(bearer(text) == .refused(.expired))
    }

    @Test("what is revoked or made is known after the log told of it")
    func changes() async throws {
        let old = try await make("old")
        try await table.load()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            let new = try? await make("new")
            _ = try? await tokens.revokeToken(named: "old", at: clock.now)
            table.tokensChanged()
            while bearer(old) != .refused(.unknown) { await Task.yield() }
            #expect(name(bearer(new ?? "")) == "new")
            group.cancelAll()
        }
    }

    @Test("without the database known tokens go on, and the change is found when it is back")
    func away() async throws {
        let text = try await make("ci")
        try await table.load()
        tokens.isAway.withLock { $0 = true }
        _ = try await tokens.revokeToken(named: "ci", at: clock.now)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            table.tokensChanged()
            while tokens.readCount.withLock({ $0 }) < 4 { await Task.yield() }
            #expect(name(bearer(text)) == "ci")
            tokens.isAway.withLock { $0 = false }
            while bearer(text) != .refused(.unknown) { await Task.yield() }
            group.cancelAll()
        }
    }

    @Test("the last use is written once for many, and outlives a new reading of the tokens")
    func uses() async throws {
        let text = try await make("ci")
        try await table.load()
        try await table.recordUses()
        #expect(try await tokens.clientTokens().map(\.usedAt) == [nil])
        for second in [1_001, 1_003] as [Int64] {
            clock.second.withLock { $0 = second }
            #expect(name(bearer(text)) == "ci")
        }
        try await table.load()
        try await table.recordUses()
        #expect(try await tokens.clientTokens().map(\.usedAt) == [1_003])
    }

    struct Field: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let secrets: [String]
    }

    static let fields: [Field] = [
        Field(testDescription: "Bearer", text: "Bearer abc", secrets: ["abc"]),
        Field(testDescription: "in other letters", text: "bEARER   abc ", secrets: ["abc"]),
        Field(
            testDescription: "Basic", text: "Basic dXNlcjpzZWNyZXQ=", secrets: ["secret", "user"]),
        Field(testDescription: "without padding", text: "Basic dTpw", secrets: ["p", "u"]),
        Field(testDescription: "no password", text: "basic dG9rZW46", secrets: ["token"]),
        Field(testDescription: "no user", text: "Basic OnRva2Vu", secrets: ["token"]),
        Field(testDescription: "a colon inside", text: "Basic dTpwOnE=", secrets: ["p:q", "u"]),
        Field(testDescription: "no colon", text: "Basic dXNlcg==", secrets: []),
        Field(testDescription: "no base64", text: "Basic d*==", secrets: []),
        Field(testDescription: "another scheme", text: "Digest abc", secrets: []),
        Field(testDescription: "a scheme alone", text: "Bearer", secrets: []),
        Field(testDescription: "nothing", text: "", secrets: []),
        Field(
            testDescription: "too long", text: "Bearer " + String(repeating: "a", count: 4_096),
            secrets: []),
    ]

    @Test("what may be a token in a field", arguments: fields)
    func secrets(_ row: Field) {
        let field = AuthorizationField(row.text)
        #expect(field.revealedSecrets() == row.secrets)
        #expect("\(field) \(String(reflecting: field))" == "*** ***")
        var dumped = ""
        dump(field, to: &dumped)
        #expect(!dumped.contains("abc") && !dumped.contains("secret"))
    }
}
