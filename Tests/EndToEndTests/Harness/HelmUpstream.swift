import Foundation
import HTTPModel
import Support

/// A repository of charts that a real Helm client packed, signed and listed, on a loopback port.
///
/// Its chart `common` is on another port, behind a redirect, as releases are.
final class HelmUpstream: Sendable {
    let origin: OriginStub
    let files: OriginStub
    /// Public keys, for `--verify`.
    let keyring: String
    private let folder: TemporaryFolder

    /// What `helm search --versions` must find.
    static let versions = ["common 1.0.0", "web 1.1.0", "web 1.2.3+build.5"]
    /// The version with a signature.
    static let signed = "1.1.0"

    init(packedBy client: HelmClient) async throws {
        folder = try TemporaryFolder()
        let origin = try OriginStub()
        let files = try OriginStub()
        self.origin = origin
        self.files = files
        keyring = folder.path + "/public.gpg"
        let charts = try folder.folder("charts")
        let releases = try folder.folder("releases")
        try await Self.makeKeys(client, in: folder)
        try await Self.pack(client, in: folder)
        try await client.helm(
            ["repo", "index", releases, "--url", files.base + "/releases"], home: folder.path,
            folder: folder.path)
        try await client.helm(
            ["repo", "index", charts, "--merge", releases + "/index.yaml"], home: folder.path,
            folder: folder.path)
        try FileManager.default.removeItem(atPath: releases + "/index.yaml")
        origin.fallback { [path = folder.path] request, _ in
            Self.answer(request.path, below: path)
        }
        files.fallback { [path = folder.path] request, _ in
            request.path.hasPrefix("/releases/")
                ? .redirect(to: "/stored" + request.path)
                : Self.answer(String(request.path.dropFirst("/stored".count)), below: path)
        }
    }

    var url: String { origin.base + "/charts" }

    /// How often each path was asked for, on either port.
    var counts: [String: Int] {
        let requests = origin.ledger.requests + files.ledger.requests
        return Dictionary(grouping: requests, by: \.path).mapValues(\.count)
    }

    /// A file as Helm packed it.
    func bytes(of file: String) throws -> [UInt8] {
        try TemporaryFolder.bytes(of: "\(folder.path)/\(file)")
    }

    func stop() {
        origin.stop()
        files.stop()
    }

    static func answer(_ path: String, below folder: String) -> OriginAnswer {
        let file = folder + (path.removingPercentEncoding ?? path)
        guard let bytes = try? TemporaryFolder.bytes(of: file) else { return OriginAnswer(404) }
        return .entity(.bytes(bytes), tag: "\"\(sha256(bytes))\"")
    }

    static func makeKeys(_ client: HelmClient, in folder: TemporaryFolder) async throws {
        let home = try folder.folder("gpg")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home)
        let gpg = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
        let steps = [
            gpg + ["--quick-gen-key", "Charts <charts@files.example>", "rsa2048", "sign", "0"],
            gpg + ["--output", folder.path + "/public.gpg", "--export"],
            gpg + ["--output", folder.path + "/secret.gpg", "--export-secret-keys"],
            ["gpgconf", "--kill", "all"],
        ]
        for words in steps {
            try await client.run(words, home: folder.path, folder: folder.path)
        }
    }

    private static func pack(_ client: HelmClient, in folder: TemporaryFolder) async throws {
        let common = try source("common", in: folder, ["type: library"])
        let web = try source("web", in: folder, ["appVersion: \"1.10\""])
        let sign = ["--sign", "--key", "Charts", "--keyring", folder.path + "/secret.gpg"]
        let packings: [(chart: String, version: String, target: String, more: [String])] = [
            (common, "1.0.0", "releases", []), (web, signed, "charts", sign),
            (web, "1.2.3+build.5", "charts", []),
        ]
        for packing in packings {
            try await client.helm(
                [
                    "package", packing.chart, "--version", packing.version, "--destination",
                    "\(folder.path)/\(packing.target)",
                ] + packing.more, home: folder.path, folder: folder.path)
        }
    }

    /// Writes a chart's source.
    ///
    /// - Returns: Its folder.
    static func source(
        _ name: String, in folder: TemporaryFolder, _ lines: [String]
    ) throws -> String {
        _ = try folder.folder("source/\(name)/templates")
        let chart = ["apiVersion: v2", "name: \(name)", "version: 0.0.0"] + lines
        _ = try folder.write(
            chart.joined(separator: "\n") + "\n", to: "source/\(name)/Chart.yaml")
        _ = try folder.write(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "{{ .Release.Name }}-{{ .Chart.Version }}"}
            """, to: "source/\(name)/templates/\(name == "web" ? "map.yaml" : "_map.tpl")")
        return "\(folder.path)/source/\(name)"
    }
}

extension HelmUpstream {
    /// What a server is told of it, as the chart repository `acme`.
    var settings: String { LarderHome.settings(repositories: [("acme", url)]) }
}

extension LarderHome {
    /// Settles where it will run, with one chart repository, `acme`.
    convenience init(helm upstream: HelmUpstream, variables: [String: String] = [:]) throws {
        try self.init(repositories: [("acme", upstream.url)], variables: variables)
    }
}
