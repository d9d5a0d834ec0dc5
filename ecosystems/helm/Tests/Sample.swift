import Ecosystems
import HTTPModel
import Helm
import Resources

/// What the tests share: a repository that nobody has, and indexes of it.
enum Sample {
    static let base = "https://charts.example/stable"

    static func upstream(
        _ base: String = Sample.base, limits: IndexLimits = IndexLimits()
    ) -> HelmUpstream {
        guard let url = AbsoluteURL(base) else { preconditionFailure("the URLs of the tests") }
        return HelmUpstream(base: url, limits: limits)
    }

    static func adapter(_ upstream: HelmUpstream = Sample.upstream()) -> HelmAdapter {
        HelmAdapter(mount: ["helm", "stable"], upstream: upstream)
    }

    static func head(_ adapter: HelmAdapter) -> DocumentHead {
        guard let url = adapter.origin(ofDocument: "").url else {
            preconditionFailure("an index always has a place")
        }
        return DocumentHead(name: "index.yaml", contentType: "text/yaml", url: url)
    }

    /// The index as clients get it, fed in pieces of `pieceSize` bytes.
    static func served(
        _ bytes: [UInt8], by adapter: HelmAdapter = Sample.adapter(), as form: IndexForm = .json,
        pieceSize: Int = 65_536
    ) throws -> (bytes: [UInt8], head: RenderedHead) {
        var rewriter = adapter.rewriter(of: head(adapter), as: form.variant)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            let end = min(start + pieceSize, bytes.count)
            try rewriter.take(Array(bytes[start..<end]), into: &output)
        }
        let head = try rewriter.finish(into: &output)
        return (output, head)
    }

    static func served(_ text: String) throws -> String {
        String(decoding: try served(Array(text.utf8)).bytes, as: UTF8.self)
    }

    static func arrival(
        _ bytes: [UInt8], by adapter: HelmAdapter = Sample.adapter()
    ) throws -> (facts: [FileFact], summary: DocumentSummary) {
        var intake = adapter.intake(of: head(adapter))
        for start in stride(from: 0, to: bytes.count, by: 65_536) {
            try intake.take(Array(bytes[start..<min(start + 65_536, bytes.count)]))
        }
        let facts = try intake.finish()
        return (facts, intake.summary)
    }

    /// An index of one entry, whose fields are lines of YAML.
    static func index(_ fields: String...) -> String {
        let lines = fields.enumerated().map { ($0.offset == 0 ? "  - " : "    ") + $0.element }
        return "apiVersion: v1\nentries:\n  demo:\n" + lines.joined(separator: "\n") + "\n"
    }

    /// An index of one chart, with an entry for each URL.
    static func index(urls: [String]) -> String {
        let entries = urls.enumerated().map {
            "  - {name: demo, version: 1.2.\($0.offset), urls: ['\($0.element)']}\n"
        }
        return "apiVersion: v1\nentries:\n  demo:\n" + entries.joined()
    }
}
