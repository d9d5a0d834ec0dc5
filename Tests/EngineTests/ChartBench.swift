import Backends
import CacheRules
import Digests
import Ecosystems
import Engine
import HTTPModel
import Helm
import Resources

/// A chart repository of plain files behind a bench; nobody has it.
enum ChartBench {
    static let base = "https://charts.example/"
    static let index = base + "index.yaml"
    static let path = "/helm/acme/index.yaml"

    /// A version of a chart, with bytes that begin like a gzip stream's.
    struct Chart: Sendable {
        let name: String
        let version: String
        var bytes: [UInt8]

        init(_ name: String, _ version: String, byteCount: Int = 1_000) {
            self.name = name
            self.version = version
            let seed = "\(name) \(version)".utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
            bytes =
                [0x1F, 0x8B]
                + (2..<byteCount).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 31 &+ $0 >> 9) }
        }

        var file: String { "\(name)-\(version).tgz" }
        var url: String { ChartBench.base + file }
        /// Below the server.
        var request: String { "/helm/acme/\(file)" }
        var key: CacheKey {
            CacheKey(.artifact(file), of: ChartBench.mount().adapter.identity)
        }
        /// Its entry, with the digest of its bytes unless there is another one.
        func entry(digest: String? = nil) -> String {
            "  - {name: \(name), version: \(version), appVersion: 1.10, digest: "
                + "\(digest ?? BlobDigest.of(bytes).hex), urls: [\(url)]}\n"
        }
    }

    static func mount(
        _ mismatch: DigestMismatch = .refuse, keepsPruned: Bool = false
    ) -> Mount {
        guard let url = AbsoluteURL(base) else { preconditionFailure("a bad test URL") }
        let path = ["helm", "acme"]
        let upstream = HelmUpstream(
            base: url, digestMismatch: mismatch, keepsPruned: keepsPruned)
        return Mount(
            path: path, adapter: HelmAdapter(mount: path, upstream: upstream),
            policy: UpstreamPolicy(home: url.origin, allowsAnyHost: true),
            freshness: FreshnessRule(ceilingSeconds: 300))
    }

    static func text(_ charts: [Chart]) -> String {
        var names: [String] = []
        for chart in charts where !names.contains(chart.name) { names.append(chart.name) }
        let entries = names.map { name in
            "  \(name):\n" + charts.filter { $0.name == name }.map { $0.entry() }.joined()
        }
        return "apiVersion: v1\nentries:\n" + entries.joined() + "generated: 2026-01-02T03:04:05Z\n"
    }

    /// Publishes an index of these charts, and their bytes.
    static func publish(_ charts: [Chart], tag: String? = nil, on bench: Bench) {
        publish(text(charts), tag: tag, on: bench)
        for chart in charts { bench.upstream.set(chart.url, .init(pieces: [chart.bytes])) }
    }

    static func publish(_ text: String, tag: String? = nil, on bench: Bench) {
        bench.upstream.set(index, .init(pieces: [Array(text.utf8)], tag: tag))
    }
}
