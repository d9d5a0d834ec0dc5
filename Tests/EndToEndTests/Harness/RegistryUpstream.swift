import Foundation
import HTTPModel
import Support

/// A repository whose index names charts in a registry, to which a real Helm client pushed them.
final class RegistryUpstream: Sendable {
    let origin: OriginStub
    let registry: ChartRegistry
    /// Public keys, for `--verify`.
    let keyring: String
    private let folder: TemporaryFolder

    static let versions = [signed, "1.2.3", "1.2.4+build.5"]
    /// The version with a signature.
    static let signed = "1.1.0"

    init(packedBy client: HelmClient) async throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        registry = try await ChartRegistry()
        keyring = folder.path + "/public.gpg"
        _ = try folder.folder("charts")
        try await HelmUpstream.makeKeys(client, in: folder)
        let source = try HelmUpstream.source("web", in: folder, [])
        for version in Self.versions {
            let sign = ["--sign", "--key", "Charts", "--keyring", folder.path + "/secret.gpg"]
            try await Self.helm(
                client, folder,
                ["package", source, "--version", version, "--destination", "charts"]
                    + (version == Self.signed ? sign : []))
            try await Self.helm(
                client, folder,
                [
                    "push", "charts/web-\(version).tgz", "oci://\(registry.authority)/charts",
                    "--plain-http",
                ])
        }
        try await Self.helm(client, folder, ["repo", "index", "charts"])
        let index = String(
            decoding: try TemporaryFolder.bytes(of: folder.path + "/charts/index.yaml"),
            as: UTF8.self)
        let place = "oci://\(registry.authority)/charts/web:"
        let named = index.replacing(/- web-([^ \n]+)\.tgz/) { "- \(place)\($0.1)" }
        origin = try OriginStub()
        origin.route("/charts/index.yaml", .bytes(Array(named.utf8), type: "text/yaml"))
    }

    var url: String { origin.base + "/charts" }

    /// A file as Helm packed it.
    func bytes(of file: String) throws -> [UInt8] {
        try TemporaryFolder.bytes(of: "\(folder.path)/charts/\(file)")
    }

    /// Stops the repository and the registry.
    func stop() async throws {
        origin.stop()
        try await registry.stop()
    }

    private static func helm(
        _ client: HelmClient, _ folder: TemporaryFolder, _ arguments: [String]
    ) async throws {
        try await client.helm(arguments, home: folder.path, folder: folder.path)
    }
}

extension LarderHome {
    /// Settles where it will run, with one chart repository, `acme`, whose registry is on this
    /// machine.
    convenience init(registryCharts url: String) throws {
        try self.init(repositories: [("acme", url)])
    }
}
