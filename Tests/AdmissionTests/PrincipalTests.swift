import Admission
import Policy
import Resources
import Testing

@Suite struct PrincipalTests {
    static let main = upstream("pypi", "pypi")
    private static let index = upstream("pypi", "pypi/internal")
    private static let scoped = upstream("npm", "npm/@acme")
    private static let chart = upstream("helm", "helm/stable")
    private static let merged = upstream("helm", "helm")
    private static let all = [main, index, scoped, chart, merged]

    private static func upstream(_ ecosystem: String, _ name: String) -> UpstreamIdentity {
        UpstreamIdentity(
            ecosystem: ecosystem, name: name, location: "https://index.example/\(name)")
    }

    struct Reach: Sendable, CustomTestStringConvertible {
        let scopes: [String]
        let readable: [UpstreamIdentity]
        var isAdmin = false

        var testDescription: String { scopes.joined(separator: ",") + (isAdmin ? " admin" : "") }
    }

    static let reaches: [Reach] = [
        Reach(scopes: [], readable: []),
        Reach(scopes: ["all"], readable: all),
        Reach(scopes: ["metrics"], readable: []),
        Reach(scopes: ["pypi"], readable: [main, index]),
        Reach(scopes: ["pypi:internal"], readable: [index]),
        Reach(scopes: ["pypi:upstream"], readable: [main]),
        Reach(scopes: ["pypi:intern"], readable: []),
        Reach(scopes: ["pypi:internal2"], readable: []),
        Reach(scopes: ["npm:@acme", "helm:stable"], readable: [scoped, chart]),
        Reach(scopes: ["helm"], readable: [chart, merged]),
        Reach(scopes: ["helm:stable"], readable: [chart]),
        Reach(scopes: ["npm:stable"], readable: []),
        Reach(scopes: ["metrics"], readable: all, isAdmin: true),
    ]

    @Test("what a client may read, and admission asks for it", arguments: reaches)
    func reach(_ row: Reach) throws {
        let scopes = try row.scopes.map { try #require(Scope($0)) }
        let principal = Principal(client: "ci", reading: scopes, isAdmin: row.isAdmin)
        for upstream in Self.all {
            let mayRead = row.readable.contains(upstream)
            #expect(principal.mayRead(upstream) == mayRead, "\(upstream.name)")
            let verdict = Admission().admit(
                principal, .document("d"), of: upstream, policy: .allowed)
            switch verdict {
            case .success: #expect(mayRead, "\(upstream.name)")
            case .failure(let refusal):
                #expect(!mayRead, "\(upstream.name)")
                #expect(refusal.reason == .outOfScope)
            }
        }
    }

    @Test(
        "a scope's text comes back",
        arguments: ["all", "metrics", "pypi", "helm:stable", "npm:@acme", "pypi:upstream"])
    func text(_ text: String) throws {
        #expect(try #require(Scope(text)).text == text)
    }

    @Test(
        "what is no scope",
        arguments: [
            "", ":", "pypi:", ":internal", "a b", "a,b", "all:x,y", "é", "a\n",
            String(repeating: "a", count: 129),
        ])
    func noScope(_ text: String) {
        #expect(Scope(text) == nil)
    }

    struct Door: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let principal: Principal
        let ecosystem: String?
        let expected: EntryRefusal
    }

    private static let reader = Principal(
        client: "ci", reading: [.upstream(ecosystem: "helm", name: "stable")], isAdmin: false)

    static let doors: [Door] = [
        Door(
            testDescription: "without a token, whatever the path", principal: .nobody,
            ecosystem: nil, expected: .unauthenticated),
        Door(
            testDescription: "without a token, another upstream than those for all",
            principal: Principal(reading: [.ecosystem("pypi")]), ecosystem: "helm",
            expected: .unauthenticated),
        Door(
            testDescription: "without a token, of the same kind as those for all",
            principal: Principal(reading: [.upstream(ecosystem: "helm", name: "stable")]),
            ecosystem: "helm", expected: .unauthenticated),
        Door(
            testDescription: "a token for another ecosystem", principal: reader,
            ecosystem: "npm", expected: .forbidden),
        Door(
            testDescription: "a token for another upstream of the ecosystem", principal: reader,
            ecosystem: "helm", expected: .absent),
        Door(
            testDescription: "a path of nobody's", principal: reader, ecosystem: nil,
            expected: .absent),
        Door(
            testDescription: "nothing to be shut", principal: .unrestricted, ecosystem: nil,
            expected: .absent),
    ]

    @Test("what those get who may not enter", arguments: doors)
    func door(_ row: Door) {
        #expect(EntryRefusal(row.principal, ecosystem: row.ecosystem) == row.expected)
    }
}
