import Foundation
import Support

/// A plain repository of charts that a real Helm client packed and listed, on a loopback port.
final class ChartRepository: Sendable {
    let origin: OriginStub
    private let client: HelmClient
    private let folder: TemporaryFolder

    init(packedBy client: HelmClient, _ charts: (name: String, version: String)...) async throws {
        folder = try TemporaryFolder()
        let origin = try OriginStub()
        self.origin = origin
        self.client = client
        _ = try folder.folder("charts")
        for (name, version) in charts { try await publish(name, version) }
        origin.fallback { [path = folder.path] request, _ in
            HelmUpstream.answer(request.path, below: path)
        }
    }

    var url: String { origin.base + "/charts" }

    /// How often each path was asked for.
    var counts: [String: Int] {
        Dictionary(grouping: origin.ledger.requests, by: \.path).mapValues(\.count)
    }

    /// Packs a chart and lists it.
    func publish(_ name: String, _ version: String) async throws {
        let charts = folder.path + "/charts"
        let source = try HelmUpstream.source(name, in: folder, ["description: of \(url)"])
        try await client.helm(
            ["package", source, "--version", version, "--destination", charts],
            home: folder.path, folder: folder.path)
        try await client.helm(
            ["repo", "index", charts], home: folder.path, folder: folder.path)
    }

    /// A chart as Helm packed it.
    func bytes(of name: String, _ version: String) throws -> [UInt8] {
        try TemporaryFolder.bytes(of: "\(folder.path)/charts/\(name)-\(version).tgz")
    }
}

extension LarderHome {
    /// Settles where it will run, with these repositories in their order.
    convenience init(
        repositories: [(name: String, url: String)], variables: [String: String] = [:],
        settings: String = ""
    ) throws {
        try self.init(
            upstream: nil, variables: variables,
            settings: Self.settings(repositories: repositories) + settings)
    }

    /// What a server is told of repositories.
    ///
    /// Files may be on another port of this machine, which nobody would allow by default.
    static func settings(repositories: [(name: String, url: String)]) -> String {
        let lines = repositories.map { name, url in
            "    \(name): {url: \"\(url)\", hosts: [127.0.0.1], private_addresses: true}\n"
        }
        return "helm:\n  repositories:\n" + lines.joined()
    }
}
