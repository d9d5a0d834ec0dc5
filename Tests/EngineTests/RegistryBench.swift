import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import Helm

/// A chart repository whose charts are in a registry, behind a bench; nobody has either.
enum RegistryBench {
    static let index = "https://charts.example/index.yaml"
    static let registry = "https://registry.example"
    static let challenge = #"Bearer realm="https://registry.example/token",service="r""#
    static let tokenURL =
        "https://registry.example/token?service=r&scope=repository:charts/demo:pull"

    /// One version of the chart `demo`.
    struct Chart: Sendable {
        let version: String
        /// The chart's bytes; a small gzip stream as far as anybody looks.
        let bytes: [UInt8]
        /// The provenance, where there is one.
        var provenance: [UInt8]?

        init(_ version: String, byteCount: Int = 1_000, provenance: String? = nil) {
            self.version = version
            let seed = version.utf8.reduce(7) { $0 &* 31 &+ Int($1) }
            bytes =
                [0x1F, 0x8B]
                + (2..<byteCount).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 31 &+ $0 >> 9) }
            self.provenance = provenance.map { Array($0.utf8) }
        }

        /// Below the server.
        var request: String {
            "/helm/acme/-/registry.example/charts/demo/demo-\(version).tgz"
        }
        var manifestURL: String { RegistryBench.manifestURL(version.replacing("+", with: "_")) }
        var blobURL: String { RegistryBench.blobURL(bytes) }

        var manifest: String {
            var layers = [
                layer(bytes, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
            ]
            if let provenance {
                layers.append(
                    layer(provenance, "application/vnd.cncf.helm.chart.provenance.v1.prov"))
            }
            return "{\"schemaVersion\":2,\"layers\":[\(layers.joined(separator: ","))]}"
        }

        private func layer(_ bytes: [UInt8], _ type: String) -> String {
            "{\"mediaType\":\"\(type)\",\"digest\":\"sha256:\(BlobDigest.of(bytes).hex)\","
                + "\"size\":\(bytes.count)}"
        }

        /// Its entry in the index, with this digest.
        func entry(digest: String? = nil) -> String {
            let digest = digest.map { "\"digest\":\"\($0)\"," } ?? ""
            return "{\"name\":\"demo\",\"version\":\"\(version)\",\(digest)"
                + "\"urls\":[\"oci://registry.example/charts/demo:\(version)\"]}"
        }
    }

    static func manifestURL(_ reference: String) -> String {
        "\(registry)/v2/charts/demo/manifests/\(reference)"
    }

    static func blobURL(_ bytes: [UInt8]) -> String {
        "\(registry)/v2/charts/demo/blobs/sha256:\(BlobDigest.of(bytes).hex)"
    }

    /// An engine with these charts upstream; with `token` the registry gives nothing without it.
    static func bench(
        _ charts: [Chart], entries: [String]? = nil, token: String? = nil,
        hosts: Set<String> = [], restarting: Bench? = nil, home: String = "https://charts.example",
        credential: Credential? = nil, _ change: (inout EngineRules) -> Void = { _ in }
    ) -> Bench {
        guard let url = AbsoluteURL(home + "/") else { preconditionFailure("a bad test URL") }
        let path = ["helm", "acme"]
        let mount = Mount(
            path: path, adapter: HelmAdapter(mount: path, upstream: HelmUpstream(base: url)),
            policy: UpstreamPolicy(
                home: url.origin, hosts: hosts, allowsAnyHost: true, credential: credential),
            freshness: FreshnessRule(ceilingSeconds: 300))
        let bench = Bench(restarting: restarting, mounts: [mount], change)
        let list = (entries ?? charts.map { $0.entry() }).joined(separator: ",")
        bench.upstream.set(
            home + "/index.yaml",
            text("{\"apiVersion\":\"v1\",\"entries\":{\"demo\":[\(list)]}}"))
        for chart in charts {
            bench.upstream.set(chart.manifestURL, text(chart.manifest, token: token))
            bench.upstream.set(chart.blobURL, bytes(chart.bytes, token: token))
            if let provenance = chart.provenance {
                bench.upstream.set(blobURL(provenance), bytes(provenance, token: token))
            }
        }
        if let token { bench.upstream.set(tokenURL, text("{\"token\":\"\(token)\"}")) }
        return bench
    }

    static func text(_ text: String, token: String? = nil) -> FakeUpstream.Script {
        bytes(Array(text.utf8), token: token)
    }

    static func bytes(_ bytes: [UInt8], token: String? = nil) -> FakeUpstream.Script {
        .init(pieces: [bytes], token: token, challenge: challenge)
    }
}
