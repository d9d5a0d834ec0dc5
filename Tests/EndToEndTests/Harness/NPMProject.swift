import Foundation
import Testing

/// A project of one client's, in a folder of its own; every run has caches of its own that start empty.
final class NPMProject: Sendable {
    let client: NPMClient
    let folder: TemporaryFolder

    /// What the client shows its registry, from its own files.
    private let token: String?

    init(
        _ client: NPMClient, dependencies: [String: String], token: String? = nil
    ) throws {
        self.client = client
        self.token = token
        folder = try TemporaryFolder()
        let manifest: [String: Any] = [
            "name": "consumer", "version": "1.0.0", "license": "MIT", "dependencies": dependencies,
        ]
        let bytes = try JSONSerialization.data(withJSONObject: manifest, options: .sortedKeys)
        _ = try folder.write(String(decoding: bytes, as: UTF8.self), to: "package.json")
    }

    /// Runs the client in the project, with `registry` as its only one, to its end.
    ///
    /// `registry` has no slash at the end.
    func run(
        _ arguments: [String], from registry: String, variables: [String: String] = [:],
        within seconds: Double = 120
    ) async throws -> ChildProcess.Outcome {
        try await perform(
            client.words + arguments, from: registry, variables: variables, within: seconds)
    }

    /// Runs another program, as the client is run.
    func perform(
        _ words: [String], from registry: String,
        variables: [String: String] = [:], within seconds: Double = 120
    ) async throws -> ChildProcess.Outcome {
        try settle(registry)
        let home = try TemporaryFolder()
        var environment = client.environment(home: home.path)
        environment["COREPACK_NPM_REGISTRY"] = registry
        let log = home.path + "/log"
        let child = try ChildProcess(
            words, environment: environment.merging(variables) { $1 }, folder: folder.path,
            log: log)
        let ending = try await child.end(within: seconds)
        return ChildProcess.Outcome(
            ending: ending,
            output: String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self))
    }

    /// Installs, from its lock file if `isLocked`.
    ///
    /// - Returns: What is in `node_modules`: names and versions.
    func install(
        from registry: String, isLocked: Bool = false, arguments: [String] = []
    ) async throws -> [String: String] {
        try? FileManager.default.removeItem(atPath: folder.path + "/node_modules")
        let words = isLocked ? client.installingLocked : client.installing
        let outcome = try await run(words + arguments, from: registry)
        #expect(outcome.isGood, "\(client.name) \(words): \(outcome.output)")
        return installed
    }

    /// The packages in `node_modules`, also where deno has them.
    var installed: [String: String] {
        var found: [String: String] = [:]
        let root = folder.path + "/node_modules"
        let names = FileManager.default.enumerator(atPath: root)
        for case let name as String in names ?? .init() where name.hasSuffix("/package.json") {
            // Only a package's own, not those that lie within a package.
            let parts = name.split(separator: "/").dropLast()
            let isScoped = parts.dropLast().last?.hasPrefix("@") ?? false
            let above = parts.dropLast(isScoped ? 2 : 1).last
            guard above == nil || above == "node_modules" else { continue }
            let bytes = try? TemporaryFolder.bytes(of: "\(root)/\(name)")
            let value = try? JSONSerialization.jsonObject(with: Foundation.Data(bytes ?? []))
            let fields = value as? [String: Any]
            if let package = fields?["name"] as? String {
                found[package] = fields?["version"] as? String
            }
        }
        return found
    }

    var lock: String {
        let bytes = try? TemporaryFolder.bytes(of: "\(folder.path)/\(client.lockFile)")
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    func writeLock(_ text: String) throws {
        _ = try folder.write(text, to: client.lockFile)
    }

    /// Makes the lock file what it would be, had it been written with another registry.
    func moveLock(from registry: String, to other: String) throws {
        try writeLock(lock.replacingOccurrences(of: registry, with: other))
    }

    /// Every address of a file in the lock file.
    var lockedURLs: Set<String> {
        let ends: Set<Character> = ["\"", "#", "\n", " "]
        let pieces = lock.components(separatedBy: "http").dropFirst()
        return Set(pieces.map { "http" + $0.prefix { !ends.contains($0) } })
            .filter { $0.contains("127.0.0.1") || $0.contains("/-/") || $0.hasSuffix(".tgz") }
    }

    private func settle(_ registry: String) throws {
        var lines = ["registry=\(registry)/"]
        if let token {
            lines.append("\(registry.dropFirst("http:".count))/:_authToken=\(token)")
            if client.program == .yarnClassic { lines.append("always-auth=true") }
        }
        _ = try folder.write(lines.joined(separator: "\n") + "\n", to: ".npmrc")
        guard client.program == .berry else { return }
        let authentication = token.map { "npmAuthToken: \"\($0)\"\nnpmAlwaysAuth: true\n" } ?? ""
        _ = try folder.write(
            """
            npmRegistryServer: "\(registry)"
            unsafeHttpWhitelist: ["127.0.0.1"]
            nodeLinker: node-modules
            enableGlobalCache: true
            httpRetry: 0
            \(authentication)
            """, to: ".yarnrc.yml")
    }
}
