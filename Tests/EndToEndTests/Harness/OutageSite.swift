import Digests
import Foundation
import HTTPModel
import Support
import Testing

/// One ecosystem's upstream of the outage matrix: something to hold, and something never asked for.
struct OutageSite: Sendable, CustomTestStringConvertible {
    enum Ecosystem: String, Sendable, CaseIterable {
        case pypi, npm, helm
    }

    /// How the server is told to reach an origin.
    typealias Way = @Sendable (OriginStub) throws -> String

    let ecosystem: Ecosystem
    let origin: OriginStub
    /// What the upstream's URLs begin with.
    let base: String
    /// Targets at the server: what is stored before the outage, and what is not.
    ///
    /// The cold file is named by the document that is held.
    let held: (document: String, file: String)
    let cold: (document: String, file: String)
    /// The files as they are published.
    let heldFile: [UInt8]
    let coldFile: [UInt8]
    /// The path at the upstream of the document that is held.
    let documentPath: String

    var testDescription: String { ecosystem.rawValue }
    /// The upstream's label in metrics.
    var label: String { ecosystem == .helm ? "helm/held" : ecosystem.rawValue }

    init(_ ecosystem: Ecosystem, by way: Way) throws {
        self.ecosystem = ecosystem
        heldFile = [0x1F, 0x8B, 8, 0] + Pattern(byteCount: 70_000, seed: 3).bytes
        coldFile = [0x1F, 0x8B, 8, 0] + Pattern(byteCount: 90_000, seed: 5).bytes
        switch ecosystem {
        case .pypi:
            let upstream = try Upstream()
            origin = upstream.origin
            let files = [("1.0", heldFile), ("2.0", coldFile)].map { version, bytes in
                Upstream.File(
                    name: "held-\(version)-py3-none-any.whl", body: .bytes(bytes),
                    sha256: sha256(bytes), byteCount: bytes.count)
            }
            upstream.publish("held", files)
            upstream.publish("cold", files)
            held = ("/pypi/simple/held/", files[0].target)
            cold = ("/pypi/simple/cold/", files[1].target)
            documentPath = "/simple/held/"
        case .npm:
            origin = try OriginStub()
            held = ("/npm/held", "/npm/held/-/held-1.0.0.tgz")
            cold = ("/npm/cold", "/npm/held/-/held-2.0.0.tgz")
            documentPath = "/held"
        case .helm:
            origin = try OriginStub()
            held = ("/helm/held/index.yaml", "/helm/held/demo-1.0.0.tgz")
            cold = ("/helm/cold/index.yaml", "/helm/held/demo-2.0.0.tgz")
            documentPath = "/held/index.yaml"
        }
        base = try way(origin)
        if ecosystem == .npm { publishPackages() }
        if ecosystem == .helm { publishCharts() }
    }

    // MARK: npm

    private func publishPackages() {
        let versions = [("1.0.0", heldFile), ("2.0.0", coldFile)]
        for name in ["held", "cold"] {
            publish("/" + name, Array(packument(name, versions).utf8), "application/json")
        }
        for (version, bytes) in versions {
            publish("/held/-/held-\(version).tgz", bytes, "application/octet-stream")
        }
    }

    private func packument(_ name: String, _ versions: [(String, [UInt8])]) -> String {
        let entries = versions.map { version, bytes in
            """
            "\(version)":{"name":"\(name)","version":"\(version)","dist":{"tarball":\
            "\(base)/\(name)/-/\(name)-\(version).tgz","integrity":"\(Self.integrity(bytes))"}}
            """
        }
        let times = versions.map { "\"\($0.0)\":\"2020-01-01T00:00:00.000Z\"" }
        return """
            {"name":"\(name)","dist-tags":{"latest":"2.0.0"},\
            "versions":{\(entries.joined(separator: ","))},\
            "time":{"modified":"2020-01-02T00:00:00.000Z","created":"2020-01-01T00:00:00.000Z",\
            \(times.joined(separator: ","))}}
            """
    }

    private static func integrity(_ bytes: [UInt8]) -> String {
        guard var hasher = try? Digests.Hasher(.sha512) else { return "" }
        hasher.update(bytes)
        let hex = Array(hasher.finish().hex.utf8)
        let pairs = stride(from: 0, to: hex.count, by: 2).compactMap { index in
            UInt8(String(decoding: hex[index..<index + 2], as: UTF8.self), radix: 16)
        }
        return "sha512-" + Foundation.Data(pairs).base64EncodedString()
    }

    // MARK: Helm

    private func publishCharts() {
        let charts = [("1.0.0", heldFile), ("2.0.0", coldFile)]
        for repository in ["held", "cold"] {
            let entries = charts.map { version, bytes in
                """
                  - apiVersion: v2
                    name: demo
                    version: \(version)
                    urls: [demo-\(version).tgz]
                    digest: \(sha256(bytes))

                """
            }
            // Without a line's end, so that its last byte matters.
            let index = """
                apiVersion: v1
                entries:
                  demo:
                \(entries.joined())generated: "2020-01-01T00:00:00Z"
                """
            publish("/\(repository)/index.yaml", Array(index.utf8), "text/yaml")
        }
        for (version, bytes) in charts {
            publish("/held/demo-\(version).tgz", bytes, "application/gzip")
        }
    }

    private func publish(_ path: String, _ bytes: [UInt8], _ type: String) {
        let tag = "\"\(sha256(bytes).prefix(16))\""
        origin.route(path, .entity(.bytes(bytes), tag: tag, type: type))
    }
}
