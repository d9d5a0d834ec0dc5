import Foundation
import Testing

/// A real Helm client, run with nothing of this machine's settings.
struct HelmClient: Sendable, Hashable, CustomTestStringConvertible {
    /// Its folder below ``Machine/clients``.
    let name: String
    var testDescription: String { name }

    static let helm3 = HelmClient(name: "helm-3")
    static let helm4 = HelmClient(name: "helm-4")
    static let all = [helm3, helm4]

    var program: String { "\(Machine.clients)/\(name)/helm" }

    /// Whether all of them, and gpg for signatures, may be asked to work.
    static var areInstalled: Bool {
        Machine.mustRunAll
            || (all.map(\.program) + ["/usr/bin/gpg"])
                .allSatisfy(FileManager.default.isExecutableFile(atPath:))
    }

    /// Runs it, or another program beside it, with all that it keeps below `home`.
    ///
    /// - Returns: What it wrote; it must succeed.
    @discardableResult
    func run(_ words: [String], home: String, folder: String) async throws -> String {
        let environment = [
            "HOME": home, "LANG": "C.UTF-8", "TMPDIR": home, "GNUPGHOME": home + "/gpg",
            "HELM_CACHE_HOME": home + "/cache", "HELM_CONFIG_HOME": home + "/config",
            "HELM_DATA_HOME": home + "/own",
        ]
        let outcome = try await ChildProcess.run(
            ["env", "--chdir", folder] + words, environment: environment)
        try #require(outcome.isGood, "\(name) \(words): \(outcome.output)")
        return outcome.output
    }

    @discardableResult
    func helm(_ arguments: [String], home: String, folder: String) async throws -> String {
        try await run([program] + arguments, home: home, folder: folder)
    }
}
