import Backends
import CacheRules
import Digests
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization

/// The smallest ecosystem that streams: ``TestAdapter``'s documents, line by line.
///
/// `/s/doc/<name>` is a document, `/s/doc/<name>/<file>` the line of one file, `/s/secret/<name>` one
/// that nobody may store, `/s/search/<name>` and `/s/keys/<name>` ones with a fixed freshness, and
/// `/s/file/<document>/<file>` a file with the hint `<document>@<file>`. A line `time` is the
/// Last-Modified, `bad` is no line, `none` means absence, those that begin with `odd` are left out and
/// counted, and lines with `#` say nothing.
struct LineAdapter: EcosystemAdapter {
    let identity = UpstreamIdentity(
        ecosystem: "lines", name: "lines", location: TestAdapter.root)
    let rendererVersion = "lines1"
    var documentTags = DocumentTags.weak
    var verifiesBeforeSending = 0
    var form = ArtifactForm.bytes
    var replyExtras = ReplyExtras()
    var freshness: DocumentFreshness?
    let meters = Meters()
    let rewrites = Rewrites()
    private static let lifetimes: [String: Int64] = ["search": 60, "keys": 86_400]

    init(
        documentTags: DocumentTags = .weak, verifiesBeforeSending: Int = 0,
        form: ArtifactForm = .bytes
    ) {
        self.documentTags = documentTags
        self.verifiesBeforeSending = verifiesBeforeSending
        self.form = form
    }

    func form(ofArtifact name: String) -> ArtifactForm { form }

    /// The variants that were rewritten.
    final class Rewrites: Sendable {
        let names = Mutex<[String]>([])
    }

    func bench(
        blobs inner: any BlobStore & LocalBlobs = MemoryBlobs(), ceilingSeconds: Int64 = 300,
        _ change: (inout EngineRules) -> Void = { _ in }
    ) -> Bench {
        let mount = Mount(
            path: ["s"], adapter: self,
            policy: UpstreamPolicy(home: TestAdapter.url("/").origin),
            freshness: FreshnessRule(ceilingSeconds: ceilingSeconds))
        return Bench(
            mounts: [mount], blobs: FaultyBlobs(inner, meters: meters), change)
    }

    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let path = head.target.segments.dropFirst().map(\.text)
        switch (path.first, path.count) {
        case ("doc", 2): return .document(name: path[1], variant: Variant("plain"))
        case ("doc", 3): return .document(name: path[1], variant: Variant("one:\(path[2])"))
        case ("secret", 2):
            return .document(name: path[1], variant: Variant("plain"), isStorable: false)
        case ("search", 2), ("keys", 2):
            return .document(name: "\(path[0]):\(path[1])", variant: Variant("plain"))
        case ("file", 3):
            return .artifact(
                name: "\(path[1])/\(path[2])", namedBy: path[1], hint: "\(path[1])@\(path[2])")
        default: return .refused(RouteRefusal(status: 404, reason: "no such path."))
        }
    }

    func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(
            url: TestAdapter.url("/doc/\(name)"), accept: "text/plain",
            freshness: Self.lifetimes[String(name.prefix { $0 != ":" })]
                .map { DocumentFreshness.seconds($0) } ?? freshness)
    }

    func intake(of head: DocumentHead) -> any DocumentIntake {
        LineIntake(name: head.name.split(separator: "@").first.map(String.init) ?? "")
    }

    func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        rewrites.names.withLock { $0.append(variant.name) }
        return LineRewriter(variant: variant.name, meters: meters)
    }

    func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        TestAdapter().meaning(ofStatus: status, for: kind)
    }
}

private struct LineIntake: DocumentIntake {
    let name: String
    private var lines = Lines()
    private var facts: [FileFact] = []
    private var count = 0
    private var oddCount = 0

    init(name: String) {
        self.name = name
    }

    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        for line in lines.take(piece) { try read(line) }
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        if let last = lines.last { try read(last) }
        guard count > 0 else { throw DocumentFault("an empty page") }
        return facts
    }

    var summary: DocumentSummary {
        DocumentSummary(
            notes: oddCount > 0 ? [DocumentNote("odd lines were left out", count: oddCount)] : [])
    }

    private mutating func read(_ line: String) throws(DocumentFault) {
        count += 1
        if count == 1, line != "ok" { throw DocumentFault("a page that is no document") }
        if line == "bad" { throw DocumentFault("a line that is none") }
        if line == "none" { throw .absent }
        if line.hasPrefix("odd") { oddCount += 1 }
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 4 else { return }
        facts.append(
            FileFact(
                artifact: "\(name)/\(parts[0])",
                url: TestAdapter.url("/file/\(name)/\(parts[0])"),
                digests: parts[1].split(separator: ",").compactMap {
                    Digest(algorithm: .sha256, hex: String($0))
                },
                byteCount: Int(parts[2]), publishedAt: Int64(parts[3])))
    }
}

private struct LineRewriter: DocumentRewriter {
    let variant: String
    let meters: Meters
    private var lines = Lines()
    private var seconds: Int64?
    private var hasLine = false
    private var hasBegun = false

    init(variant: String, meters: Meters) {
        self.variant = variant
        self.meters = meters
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        meters.read.take(piece.count)
        let before = output.count
        if variant == "plain" {
            if !hasBegun { output += Array("rendered ".utf8) }
            output += piece
        }
        hasBegun = true
        for line in lines.take(piece) { read(line, into: &output) }
        meters.made.give(output.count - before)
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        let before = output.count
        if let last = lines.last { read(last, into: &output) }
        meters.made.give(output.count - before)
        guard variant == "plain" || hasLine else { throw .absent }
        return RenderedHead(contentType: "text/plain", lastModified: seconds)
    }

    private mutating func read(_ line: String, into output: inout [UInt8]) {
        if line.hasPrefix("time ") { seconds = Int64(line.dropFirst(5)) }
        guard variant.hasPrefix("one:"), line.hasPrefix(variant.dropFirst(4) + " ") else { return }
        hasLine = true
        output += Array(line.utf8)
    }
}

/// Cuts pieces into lines; of one longer than 16 KiB only both ends are looked at, for speed.
private struct Lines {
    private var rest: [UInt8] = []

    mutating func take(_ piece: [UInt8]) -> [String] {
        guard piece.count > 16_384 else { return cut(piece) }
        let first = cut(Array(piece.prefix(4_096)))
        rest = [0x23]
        return first + cut(Array(piece.suffix(4_096)))
    }

    private mutating func cut(_ piece: [UInt8]) -> [String] {
        var lines: [String] = []
        var start = 0
        while let end = ByteSearch.first(0x0A, in: piece.span, from: start) {
            lines.append(String(decoding: rest + piece[start..<end], as: UTF8.self))
            rest = []
            start = end + 1
        }
        rest += piece[start...]
        if rest.count > 4_096 { rest = [0x23] }
        return lines
    }

    /// The last line, if nothing ended it.
    var last: String? { rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self) }
}
