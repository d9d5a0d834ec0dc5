import Ecosystems
import HTTPModel
import Helm
import Support

/// An index of a chart repository of 25 MB, in YAML and in JSON: read for its facts, and written anew.
///
/// Rates are bytes of the upstream's index by seconds of this thread on a core.
struct HelmIndexBenchmark: Benchmark {
    let name = "helm-index"

    private static let pieceByteCount = 65_536

    func run() throws -> [Figure] {
        guard let url = AbsoluteURL("https://charts.example/sample/") else {
            throw BenchmarkFault(description: "the sample repository has no URL")
        }
        let adapter = HelmAdapter(mount: ["helm", "sample"], upstream: HelmUpstream(base: url))
        let yaml = try Self.index()
        let json = try rewritten(yaml, by: adapter, as: .json)
        return [
            Figure("size of the index in YAML", Double(yaml.count) / 1e6, "MB"),
            try rate("YAML: rewrite", yaml, goal: .atLeast(12.5)) {
                _ = try rewritten(yaml, by: adapter, as: .json)
            },
            try rate("YAML: check and read the facts", yaml) {
                try read(yaml, by: adapter)
            },
            try rate("YAML: rewrite as YAML", yaml) {
                _ = try rewritten(yaml, by: adapter, as: .yaml)
            },
            try rate("JSON: rewrite", json) {
                _ = try rewritten(json, by: adapter, as: .json)
            },
            try rate("JSON: check and read the facts", json) {
                try read(json, by: adapter)
            },
        ]
    }

    /// The largest recorded index six times, each copy under names of its own.
    static func index() throws -> [UInt8] {
        HelmCorpus.inflated(try HelmCorpus.bytes(of: HelmCorpus.largest), 6)
    }

    private func rate(
        _ what: String, _ bytes: [UInt8], goal: Figure.Goal? = nil, _ work: () throws -> Void
    ) throws -> Figure {
        let rounds = try Stopwatch.processorTime(rounds: 5, within: 4, work)
        return Figure(what, Double(bytes.count) / 1e6 / rounds.median, "MB/s", goal: goal)
    }

    private func rewritten(
        _ bytes: [UInt8], by adapter: HelmAdapter, as form: IndexForm
    ) throws -> [UInt8] {
        var rewriter = adapter.rewriter(of: try head(adapter), as: form.variant)
        var output: [UInt8] = []
        try Self.forEachPiece(of: bytes) { try rewriter.take($0, into: &output) }
        _ = try rewriter.finish(into: &output)
        return output
    }

    private func read(_ bytes: [UInt8], by adapter: HelmAdapter) throws {
        var intake = adapter.intake(of: try head(adapter))
        try Self.forEachPiece(of: bytes) { try intake.take($0) }
        guard try !intake.finish().isEmpty else {
            throw BenchmarkFault(description: "the sample index names no chart")
        }
    }

    private static func forEachPiece(
        of bytes: [UInt8], _ body: ([UInt8]) throws -> Void
    ) rethrows {
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            try body(Array(bytes[start..<min(start + pieceByteCount, bytes.count)]))
        }
    }

    private func head(_ adapter: HelmAdapter) throws -> DocumentHead {
        guard let url = adapter.origin(ofDocument: "").url else {
            throw BenchmarkFault(description: "the sample index has no URL")
        }
        return DocumentHead(name: "index.yaml", contentType: "text/yaml", url: url)
    }
}
