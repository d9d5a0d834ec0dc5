import Digests
import Ecosystems
import HTTPModel
import Resources

/// The ecosystem of the model: `/<mount>/doc/<project>` and `/<mount>/file/<project>/<file>`.
///
/// A document is `ok <serial> [takedown]` and lines of `file sha256 size published`. What an operator
/// may configure is a number, which all renderings begin with, and a file that is hidden.
struct PolicyAdapter: WholeDocumentAdapter {
    let label: String
    let policy: Policy

    /// What configuration says, which a restart may change.
    struct Policy: Sendable, Hashable {
        var number = 1
        var hidden = ""
        /// Up to which size files are verified before they are sent.
        var verifiedByteCount = 0
    }

    var home: String { "https://\(label).example" }
    var identity: UpstreamIdentity {
        UpstreamIdentity(ecosystem: "model", name: label, location: home)
    }
    var rendererVersion: String { "model\(policy.number)" }
    var factsVersion: String { "model\(policy.number)" }
    var verifiesBeforeSending: Int { policy.verifiedByteCount }

    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let path = head.target.segments.dropFirst().map(\.text)
        switch (path.first, path.count) {
        case ("doc", 2): return .document(name: path[1], variant: Variant("plain"))
        case ("file", 3): return .artifact(name: "\(path[1])/\(path[2])", namedBy: path[1])
        default: return .refused(RouteRefusal(status: 404, reason: "no such path."))
        }
    }

    func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(url: AbsoluteURL("\(home)/doc/\(name)"), accept: "text/plain")
    }

    func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact] {
        try contents(of: document).facts
    }

    func contents(of document: UpstreamDocument) throws(DocumentFault) -> DocumentContents {
        let lines = String(decoding: document.bytes, as: UTF8.self).split(separator: "\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0] == "ok", let serial = Int64(words[1]) else {
            throw DocumentFault("a page that is no document")
        }
        var facts: [FileFact] = []
        for line in lines.dropFirst() where !line.hasPrefix("\(policy.hidden) ") {
            guard let fact = fact(line, in: document.name) else {
                throw DocumentFault("a line that names no file")
            }
            facts.append(fact)
        }
        let summary = DocumentSummary(
            entryCount: lines.count - 1, serial: serial, isTakedown: words.contains("takedown"))
        return DocumentContents(facts: facts, summary: summary)
    }

    private func fact(_ line: Substring, in document: String) -> FileFact? {
        let parts = line.split(separator: " ")
        guard parts.count == 4, let digest = Digest(algorithm: .sha256, hex: String(parts[1])),
            let url = AbsoluteURL("\(home)/file/\(document)/\(parts[0])")
        else { return nil }
        return FileFact(
            artifact: "\(document)/\(parts[0])", url: url, digests: [digest],
            byteCount: Int(parts[2]), publishedAt: Int64(parts[3]))
    }

    func render(
        _ document: UpstreamDocument, as variant: Variant
    ) throws(DocumentFault) -> Rendering {
        Rendering(
            contentType: "text/plain", bytes: Array("model\(policy.number)\n".utf8) + document.bytes
        )
    }

    func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        switch status {
        case 200, 206: .present
        case 304: .notModified
        case 404, 410: .absent
        case 401, 403: .refused
        case 429, 503: .busy
        default: .failed
        }
    }
}
