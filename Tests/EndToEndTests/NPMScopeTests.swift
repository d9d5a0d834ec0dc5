import Support
import Testing

extension EndToEnd {
    /// A scope with a registry of its own, and the public one that must not learn of it.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMScopes {
        @Test(
            "a scope's packages come from its registry alone; no other is asked about them, in audits neither",
            .timeLimit(.minutes(2)), arguments: [NPMClient.npm11, .berry])
        func scope(_ client: NPMClient) async throws {
            let open = try NPMUpstream()
            let own = try NPMUpstream()
            let larder = try await LarderHome(npm: open, scopes: ["@jridgewell": own]).start()
            let project = try NPMProject(
                client, dependencies: ["@jridgewell/source-map": "*", "micromatch": "*"])
            let installed = try await project.install(from: larder.registry)
            #expect(installed["@jridgewell/set-array"] != nil)
            #expect(installed["picomatch"] != nil)
            _ = try await project.run(
                client == .berry ? ["npm", "audit"] : ["audit"], from: larder.registry)

            let foreign = own.requests.map(\.path).filter { !$0.hasPrefix("/@jridgewell") }
            #expect(foreign.filter { !$0.hasPrefix("/-/npm/v1/security/") } == [])
            let leaked = open.requests.filter { request in
                request.target.contains("jridgewell")
                    || Self.text(of: request).contains("jridgewell")
            }
            #expect(leaked.map(\.target) == [])
        }

        @Test("a scope's registry is down: an error, and still nobody else is asked")
        func down() async throws {
            let open = try NPMUpstream()
            let own = try NPMUpstream()
            let larder = try await LarderHome(npm: open, scopes: ["@jridgewell": own]).start()
            own.stop()
            for target in ["/npm/@jridgewell%2fset-array", "/npm/@jridgewell/set-array/latest"] {
                let exchange = try await larder.get(target)
                #expect([502, 503, 504].contains(exchange.status), "\(exchange.testDescription)")
                #expect(exchange.text.hasPrefix(#"{"error":"#))
            }
            #expect(open.requests.isEmpty)
        }

        private static func text(of request: OriginRequest) -> String {
            String(decoding: NPMServices.body(of: request), as: UTF8.self)
        }
    }
}
