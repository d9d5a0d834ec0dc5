import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Real clients that show tokens from their own files, as users keep them.
    @Suite(.serialized)
    struct TokenClients {
        private static let required = "auth:\n  required: true\n"

        // MARK: pip and uv

        /// Installs flask with the token in a `.netrc`, which pip and uv both read.
        private static func install(
            _ client: Client, _ token: String?, from larder: Larder
        ) async throws -> ChildProcess.Outcome {
            let home = try TemporaryFolder()
            if let token {
                let file = try home.write(
                    "machine 127.0.0.1 login any password \(token)\n", to: ".netrc")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: file)
            }
            let target = try home.folder("target")
            let words =
                client == .uv
                ? [
                    client.programs + "/uv", "pip", "install", "--python", client.python,
                    "--target", target, "--default-index", larder.index, "flask",
                ]
                : [
                    client.python, "-m", "pip", "install", "--target", target, "--index-url",
                    larder.index, "flask",
                ]
            return try await ChildProcess.run(
                ["env", "--chdir", home.path] + words,
                environment: [
                    "HOME": home.path, "LANG": "C.UTF-8", "PIP_NO_INPUT": "1",
                    "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                    "PIP_NO_CACHE_DIR": "1", "UV_CACHE_DIR": home.path + "/uv",
                    "UV_PYTHON_DOWNLOADS": "never", "NETRC": home.path + "/.netrc",
                ])
        }

        @Test(
            "pip and uv: with a token, without, with a wrong one, after it was revoked",
            .enabled(
                if: Client.areInstalled, "scripts/clients could not get every client and wheel"),
            .timeLimit(.minutes(3)), arguments: [Client.newestPip, .uv])
        func python(_ client: Client) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let home = try LarderHome(upstream: upstream.index, settings: Self.required)
            let larder = try await home.start()
            let token = try await home.token("ci", scopes: ["pypi"], expires: "1h")
            let other = try await home.token("other", scopes: ["npm"])
            try await larder.expect(200, of: "/pypi/simple/flask/", with: token)
            let good = try await Self.install(client, token, from: larder)
            #expect(good.isGood, "\(good.output)")
            for (shown, word) in [(nil, "401"), ("wrong", "401"), (other, "403")] {
                let outcome = try await Self.install(client, shown, from: larder)
                #expect(!outcome.isGood)
                // pip says of a 401 that the credentials are wrong, or asks for them.
                let says =
                    outcome.output.contains(word) || outcome.output.contains("No matching")
                    || outcome.output.contains("redentials")
                #expect(says, "\(word): \(outcome.output)")
            }
            try await home.revoke("ci")
            try await larder.expect(401, of: "/pypi/simple/flask/", with: token)
            #expect(try await Self.install(client, token, from: larder).isGood == false)
            Self.expectSecret([token, other], larder, good.output, upstream.ledger.requests)
        }

        // MARK: npm

        @Test(
            "npm and yarn: with a token, for a scope alone, without, with a wrong one, after it was revoked",
            .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"),
            .timeLimit(.minutes(3)), arguments: [NPMClient.npm11, .yarnClassic, .berry])
        func npm(_ client: NPMClient) async throws {
            let open = try NPMUpstream()
            let own = try NPMUpstream()
            let home = try LarderHome(
                npm: open, scopes: ["@jridgewell": own],
                variables: ["LARDER_AUTH_REQUIRED": "true"])
            let larder = try await home.start()
            let token = try await home.token("ci", scopes: ["npm"])
            let scoped = try await home.token("scoped", scopes: ["npm:@jridgewell"])
            let open2 = try await home.token("open", scopes: ["npm:upstream"])
            try await larder.expect(200, of: "/npm/-/ping", with: open2)
            let inScope = ["@jridgewell/set-array": "*"]
            let both = inScope.merging(["picomatch": "*"]) { $1 }
            for (shown, dependencies, isGood) in [
                (token, both, true), (scoped, inScope, true), (scoped, both, false),
                (open2, both, false), (open2, ["picomatch": "*"], true), ("wrong", both, false),
                (nil, both, false),
            ] {
                let project = try NPMProject(client, dependencies: dependencies, token: shown)
                let outcome = try await project.run(client.installing, from: larder.registry)
                #expect(outcome.isGood == isGood, "\(dependencies): \(outcome.output)")
                if isGood { #expect(project.installed.count >= dependencies.count) }
            }
            try await home.revoke("ci")
            try await larder.expect(401, of: "/npm/picomatch", with: token)
            let project = try NPMProject(client, dependencies: both, token: token)
            let outcome = try await project.run(client.installing, from: larder.registry)
            #expect(!outcome.isGood)
            Self.expectSecret(
                [token, scoped, open2], larder, outcome.output, open.requests + own.requests)
        }

        // MARK: Helm

        @Test(
            "helm: with a token for one repository, and not for another; after it was revoked",
            .enabled(
                if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"),
            .timeLimit(.minutes(2)), arguments: HelmClient.all)
        func helm(_ client: HelmClient) async throws {
            let first = try await HelmUpstream(packedBy: client)
            let second = try await ChartRepository(packedBy: client, ("tool", "0.1.0"))
            let home = try LarderHome(
                repositories: [("acme", first.url), ("beta", second.url)],
                settings: Self.required)
            let larder = try await home.start()
            let token = try await home.token("ci", scopes: ["helm:acme"])
            try await larder.expect(200, of: "/helm/acme/index.yaml", with: token)
            let scratch = try TemporaryFolder()
            _ = try scratch.folder("config")
            let repositories = ["acme", "beta", "all"].map { name in
                let path = name == "all" ? "" : "/\(name)"
                return "- {name: \(name), url: \"http://127.0.0.1:\(larder.port)/helm\(path)\", "
                    + "username: any, password: \(token)}"
            }
            _ = try scratch.write(
                "apiVersion: \"\"\nrepositories:\n" + repositories.joined(separator: "\n") + "\n",
                to: "config/repositories.yaml")
            func helm(_ arguments: String...) async throws -> ChildProcess.Outcome {
                try await ChildProcess.run(
                    ["env", "--chdir", scratch.path, client.program] + arguments,
                    environment: [
                        "HOME": scratch.path, "HELM_CACHE_HOME": scratch.path + "/cache",
                        "HELM_CONFIG_HOME": scratch.path + "/config",
                    ])
            }
            let good = try await helm("repo", "update", "acme")
            #expect(good.isGood, "\(good.output)")
            let pulled = try await helm("pull", "acme/web", "--version", "1.1.0")
            #expect(pulled.isGood, "\(pulled.output)")
            for name in ["beta", "all"] {
                let outcome = try await helm("repo", "update", name)
                #expect(outcome.output.contains("404"), "\(outcome.output)")
                #expect(!outcome.output.contains("tool"))
            }
            try await home.revoke("ci")
            try await larder.expect(401, of: "/helm/acme/index.yaml", with: token)
            let outcome = try await helm("repo", "update", "acme")
            #expect(outcome.output.contains("401"), "\(outcome.output)")
            Self.expectSecret(
                [token], larder, good.output, first.origin.ledger.requests)
        }

        /// What holds of every token, whatever a client did with it.
        private static func expectSecret(
            _ tokens: [String], _ larder: Larder, _ output: String, _ requests: [OriginRequest]
        ) {
            for token in tokens {
                let secret = String(token.suffix(64))
                #expect(!larder.log.contains(secret) && !output.contains(secret))
            }
            #expect(!requests.isEmpty)
            #expect(requests.allSatisfy { $0.headers["authorization"] == nil })
        }
    }
}
