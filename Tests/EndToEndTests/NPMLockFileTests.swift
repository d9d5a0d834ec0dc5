import Foundation
import Support
import Testing

extension EndToEnd {
    /// Lock files that were written with other registries.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMLockFiles {
        struct Row: Sendable, CustomTestStringConvertible {
            let client: NPMClient
            /// Whether the lock file names the public registry, or the server itself.
            let isPublic: Bool
            let arguments: [String]
            var testDescription: String {
                let owner = isPublic ? "another's" : "own"
                return "\(client.name), \(owner) lock file \(arguments.joined())"
            }
        }

        private static let always = ["--replace-registry-host=always"]
        static let rows = NPMClient.npms.flatMap { client in
            [
                Row(client: client, isPublic: true, arguments: []),
                Row(client: client, isPublic: true, arguments: always),
                Row(client: client, isPublic: false, arguments: always),
            ]
        }

        @Test(
            "N2.14 (11): npm ci on an empty cache, from a lock file of the public registry and with its host replaced",
            .timeLimit(.minutes(2)), arguments: rows)
        func lockFile(_ row: Row) async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let dependencies = ["micromatch": "*", "@jridgewell/source-map": "*", "inherits": "*"]
            let project = try NPMProject(row.client, dependencies: dependencies)
            let base = row.isPublic ? try await defaultRegistry(project) : larder.registry
            try project.writeLock(try Self.lock(dependencies, upstream.packages, at: base))
            let installed = try await project.install(
                from: larder.registry, isLocked: true, arguments: row.arguments)
            #expect(Set(installed.keys).isSuperset(of: dependencies.keys))
            #expect(installed["picomatch"] == upstream.packages.tree["picomatch"])
            #expect(upstream.repeated == [:])
        }

        /// The registry that npm has without settings, without a slash at the end.
        private func defaultRegistry(_ project: NPMProject) async throws -> String {
            let outcome = try await ChildProcess.run(
                project.client.words + ["config", "get", "registry"],
                environment: ["HOME": project.folder.path])
            let text = outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
            try #require(text.hasPrefix("https://") && text.hasSuffix("/"), "\(outcome.output)")
            return String(text.dropLast())
        }

        /// What npm would have written: every package at its usual address.
        private static func lock(
            _ dependencies: [String: String], _ packages: NPMPackages, at registry: String
        ) throws -> String {
            var entries: [String: Any] = [
                "": ["name": "sample", "version": "1.0.0", "dependencies": dependencies]
            ]
            var names = Array(dependencies.keys)
            while let name = names.popLast() {
                guard entries["node_modules/\(name)"] == nil else { continue }
                let tarball = try packages.tarball(name)
                entries["node_modules/\(name)"] = [
                    "version": tarball.version, "resolved": registry + tarball.canonicalPath,
                    "integrity": tarball.integrity, "dependencies": tarball.dependencies,
                ]
                names += tarball.dependencies.keys
            }
            let lock: [String: Any] = [
                "name": "sample", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
                "packages": entries,
            ]
            let bytes = try JSONSerialization.data(withJSONObject: lock, options: .sortedKeys)
            return String(decoding: bytes, as: UTF8.self)
        }

        @Test(
            "a yarn classic and a bun lock file are replayed from their own addresses, in an outage too",
            .timeLimit(.minutes(2)), arguments: [NPMClient.yarnClassic, .bun])
        func replay(_ client: NPMClient) async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let project = try NPMProject(client, dependencies: ["micromatch": "*"])
            let cold = try await project.install(from: larder.registry)
            upstream.stop()
            let again = try await project.install(from: larder.registry, isLocked: true)
            #expect(again == cold)
        }
    }
}
