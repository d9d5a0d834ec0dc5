import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Signatures pass unharmed: corepack and npm check them.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMSignatures {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let version: String
            let path: String
        }

        static let rows = [
            Row(testDescription: "pnpm@9.1.0", version: "9.1.0", path: "/pnpm/9.1.0"),
            Row(testDescription: "pnpm@latest", version: "9.1.0", path: "/pnpm/latest"),
            Row(testDescription: "yarn@1.22.19", version: "1.22.19", path: "/yarn/1.22.19"),
            Row(
                testDescription: "yarn@3.5.0", version: "3.5.0",
                path: "/@yarnpkg/cli-dist/3.5.0"),
        ]

        @Test(
            "N2.14 (14): corepack's paths, with its check of signatures; again in an outage",
            .timeLimit(.minutes(2)), arguments: rows)
        func corepack(_ row: Row) async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let project = try NPMProject(.npm11, dependencies: [:])
            let name = String(row.testDescription.prefix { $0 != "@" })
            let keys = ["COREPACK_INTEGRITY_KEYS": try Self.trustedKeys()]
            for isDown in [false, true] {
                if isDown { upstream.stop() }
                let outcome = try await project.perform(
                    NPMClient.npm11.corepack + [row.testDescription, "--version"],
                    from: larder.registry, variables: keys)
                #expect(outcome.isGood, "\(name): \(outcome.output)")
                #expect(outcome.output.contains(row.version), "\(name): \(outcome.output)")
            }
            #expect(try await larder.get("/npm" + row.path).isGood)
            #expect(upstream.repeated == [:])
        }

        /// The upstream's keys, in the form in which corepack wants them.
        private static func trustedKeys() throws -> String {
            let keys = try JSONSerialization.jsonObject(
                with: Foundation.Data(try NPMPackages.keys()))
            let trusted = ["npm": (keys as? [String: Any])?["keys"] ?? []]
            let bytes = try JSONSerialization.data(withJSONObject: trusted)
            return String(decoding: bytes, as: UTF8.self)
        }

        @Test(
            "npm's own check of every package's signature, with the keys as served; again in an outage",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func signatures(_ client: NPMClient) async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let project = try NPMProject(client, dependencies: [:])
            let signed = ["micromatch@4.0.0", "qs@latest", "@jridgewell/source-map", "inherits"]
            let words = [
                client.words[0], Machine.script("verify_signatures.cjs"), client.npmFolder,
            ]
            for isDown in [false, true] {
                if isDown { upstream.stop() }
                let outcome = try await project.perform(
                    words + [larder.registry] + signed, from: larder.registry)
                #expect(outcome.isGood, "\(outcome.output)")
                #expect(outcome.output.contains("verified \(signed.count)"), "\(outcome.output)")
            }
            #expect(upstream.origin.ledger.count("/-/npm/v1/keys") == 1)
        }

        @Test(
            "attestations below the mount and at the root, where npm 11 looks; again in an outage",
            .timeLimit(.minutes(1)))
        func attestations() async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let path = "/-/npm/v1/attestations/micromatch@4.0.0"
            for isDown in [false, true] {
                if isDown { upstream.stop() }
                for target in ["/npm" + path, path] {
                    let exchange = try await larder.get(target)
                    #expect(exchange.isGood, "\(target): \(exchange.testDescription)")
                    #expect(exchange.text.contains("micromatch@4.0.0"))
                }
            }
            #expect(upstream.origin.ledger.count(path) == 1)
        }
    }
}
