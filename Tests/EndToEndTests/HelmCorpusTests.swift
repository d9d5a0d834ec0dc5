import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd.HelmIndexes {
    /// A recorded index below a repository of a local upstream.
    struct Recorded: Sendable, CustomTestStringConvertible {
        let file: String
        /// Entries that nobody could fetch a chart for.
        var dropped = 0
        /// Whether Helm reads the upstream's own form, which it is strict about.
        var isReadable = true

        var testDescription: String { file }

        static let all = [
            Recorded(file: "argo-helm.index.yaml.gz"),
            Recorded(file: HelmCorpus.largest),
            Recorded(file: "bitnami-oci-mixed.derived.index.yaml"),
            Recorded(file: "chartmuseum-sample.index.yaml", dropped: 1),
            Recorded(file: "helm-stable-old.index.yaml"),
            Recorded(file: "k3s-charts.index.yaml"),
            Recorded(file: "nasty.index.yaml", dropped: 4, isReadable: false),
        ]
    }

    /// What `judge.py` reads.
    private struct Entry: Encodable {
        let base: String
        let original: String
        let json: String
        let yaml: String
        let registries: Bool
    }

    private static func write(_ bytes: [UInt8], _ name: String, in folder: String) throws -> String
    {
        let file = "\(folder)/\(name)"
        try Foundation.Data(bytes).write(to: URL(filePath: file))
        return file
    }

    @Test("all recorded indexes are in the table")
    func recorded() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: HelmCorpus.folder.path())
        #expect(files.filter { $0.contains(".index.yaml") }.sorted() == Recorded.all.map(\.file))
    }

    @Test(
        "PyYAML and both Helm clients find in the served index what the upstream's has",
        .enabled(if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"),
        .timeLimit(.minutes(4)), arguments: Recorded.all)
    func same(_ row: Recorded) async throws {
        let text = try HelmCorpus.bytes(of: row.file)
        let origin = try OriginStub()
        origin.route("/charts/index.yaml", .bytes(text, type: "text/yaml"))
        let larder = try await LarderHome(
            upstream: nil,
            settings: """
                helm:
                  repositories:
                    recorded: {url: "\(origin.base)/charts", private_addresses: true}

                """
        ).start()
        let scratch = try TemporaryFolder()
        let json = try await larder.get("/helm/recorded/index.yaml")
        let yaml = try await larder.get("/helm/recorded/index.yaml?format=yaml")
        try #require(json.isGood && yaml.isGood)
        let entry = Entry(
            base: origin.base + "/charts",
            original: try Self.write(text, "original", in: scratch.path),
            json: try Self.write(json.body, "json", in: scratch.path),
            yaml: try Self.write(yaml.body, "yaml", in: scratch.path),
            registries: false)
        let manifest = try Self.write(
            Array(try JSONEncoder().encode([entry])), "manifest", in: scratch.path)
        let judge = HelmCorpus.folder.deletingLastPathComponent().appending(path: "Tests/judge.py")
        let (status, output) = try await onThread {
            try Program.run(python: judge, [manifest], having: "yaml")
        }
        #expect(status == 0, "\(output)")
        for client in HelmClient.all { try await compare(row, client, origin, larder) }
    }

    /// Compares what a search finds here with what it finds in the upstream's own index.
    private func compare(
        _ row: Recorded, _ client: HelmClient, _ origin: OriginStub, _ larder: Larder
    ) async throws {
        let url = "http://127.0.0.1:\(larder.port)/helm/recorded"
        let served = try await found(by: client, at: url)
        try #require(!served.isEmpty)
        guard row.isReadable else { return }
        let original = try await found(by: client, at: origin.base + "/charts")
        #expect(original.count - served.count == row.dropped)
        #expect(original.filter(Set(served).contains) == served)
    }

    /// What one entry of a search says.
    private struct Finding: Decodable, Hashable {
        let name: String
        let version: String
        // Two names of Helm's.
        let app_version: String
        let description: String
    }

    private func found(by client: HelmClient, at url: String) async throws -> [Finding] {
        let scratch = try TemporaryFolder()
        func helm(_ words: String...) async throws -> String {
            try await client.helm(words, home: scratch.path, folder: scratch.path)
        }
        _ = try await helm("repo", "add", "x", url)
        let output = try await helm(
            "search", "repo", "x/", "--versions", "--max-col-width", "0", "--output", "json")
        // Warnings may stand before it.
        let start = output.firstIndex(of: "[") ?? output.startIndex
        return try JSONDecoder().decode(
            [Finding].self, from: Foundation.Data(output[start...].utf8))
    }
}
