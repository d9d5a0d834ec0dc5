import Backends
import CacheRules
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization

/// The smallest ecosystem without an upstream: `/all/doc/<name>` joins the documents of that name of
/// other mounts, each as `[upstream text]`.
///
/// A text that ends in `odd` is left out and noted, one that ends in `bad` is a fault.
struct JoiningAdapter: MergingAdapter {
    let parts: [UpstreamIdentity]
    let merges = Merges()
    let identity = UpstreamIdentity(ecosystem: "test", name: "all", location: "all")
    let rendererVersion = "all1"

    /// The names of documents that were merged.
    final class Merges: Sendable {
        let names = Mutex<[String]>([])
        var count: Int { names.withLock { $0.count } }
    }

    /// The joined mount, and behind it that of each part: `a` is at `/a` and asks `a.example`.
    static func bench(
        _ names: [String] = ["a", "b"], restarting other: Bench? = nil
    ) -> (bench: Bench, merges: Merges) {
        let mounts = mounts(names)
        let joining = mounts[0].adapter as? JoiningAdapter
        return (Bench(restarting: other, mounts: mounts), joining?.merges ?? Merges())
    }

    /// The joined mount, then those of its parts.
    static func mounts(_ names: [String]) -> [Mount] {
        var mounts: [Mount] = []
        var parts: [UpstreamIdentity] = []
        for name in names {
            guard let url = AbsoluteURL("https://\(name).example") else { continue }
            var adapter = TestAdapter()
            adapter.identity = UpstreamIdentity(
                ecosystem: "test", name: name, location: "https://\(name).example")
            parts.append(adapter.identity)
            mounts.append(
                Mount(
                    path: [name], adapter: adapter, policy: UpstreamPolicy(home: url.origin),
                    freshness: FreshnessRule(ceilingSeconds: 300)))
        }
        return [Mount(path: ["all"], merging: JoiningAdapter(parts: parts))] + mounts
    }

    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        .document(name: head.target.segments.last?.text ?? "", variant: Variant("plain"))
    }

    func members(ofDocument name: String) -> [DocumentMember] {
        parts.map { DocumentMember(upstream: $0, document: name) }
    }

    func merger(ofDocument name: String) -> any DocumentMerger {
        merges.names.withLock { $0.append(name) }
        return JoiningMerger()
    }

    func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        PassingRewriter()
    }
}

private struct JoiningMerger: DocumentMerger {
    private var oddCount = 0

    mutating func take(
        _ bytes: [UInt8], of member: DocumentMember, into output: inout [UInt8]
    ) throws(DocumentFault) {
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasSuffix("bad") { throw DocumentFault("a text that is none") }
        if text.hasSuffix("odd") {
            oddCount += 1
        } else {
            output += Array("[\(member.upstream.name) \(text)]".utf8)
        }
    }

    mutating func finish(into output: inout [UInt8]) -> DocumentSummary {
        output += Array(".".utf8)
        let note = DocumentNote("odd texts were left out", count: oddCount)
        return DocumentSummary(notes: oddCount > 0 ? [note] : [])
    }
}

private struct PassingRewriter: DocumentRewriter {
    func take(_ piece: [UInt8], into output: inout [UInt8]) { output += piece }

    func finish(into output: inout [UInt8]) -> RenderedHead {
        RenderedHead(contentType: "text/plain")
    }
}
