import Digests
import Ecosystems
import HTTPModel
import Resources

/// The smallest ecosystem: `/t/doc/<name>` and `/t/file/<document>/<file>`.
///
/// A document is lines of `file sha256 size published`; it begins with `ok`.
struct TestAdapter: WholeDocumentAdapter {
    static let root = "https://up.example"
    var identity = UpstreamIdentity(ecosystem: "test", name: "test", location: root)
    let rendererVersion = "test1"
    var factsVersion = "test1"
    /// Files of which documents say nothing; a change of it is another ``factsVersion``.
    var hidden: Set<String> = []
    var fileHost = root
    var errorForm = ErrorForm.plain
    /// First segments that it claims beside what lies below its mount.
    var claimed: Set<String> = []

    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let path = head.target.segments.dropFirst().map(\.text)
        if path.count == 2, path[0] == "doc" {
            return .document(name: path[1], variant: Variant("plain"))
        }
        if path.count == 3, path[0] == "file" {
            return .artifact(name: "\(path[1])/\(path[2])", namedBy: path[1])
        }
        if path.first == "ask" { return .forward(Self.forward(path)) }
        if path == ["off"] {
            return .refused(
                RouteRefusal(status: 404, reason: "switched off.", isForAllMethods: true))
        }
        if path == ["login"] { return .refused(RouteRefusal(status: 405, reason: "no login.")) }
        if path == ["old"] { return .redirect(to: "doc/new", .permanent) }
        return .refused(RouteRefusal(status: 404, reason: "no such path."))
    }

    /// `/t/ask` is sent on as it is, and `/t/ask/read` is read first.
    static func forward(_ path: [String]) -> ForwardOrigin {
        ForwardOrigin(
            url: url("/ask"), accept: "application/json", contentType: "text/default",
            requestLimit: 1_000, answerLimit: 2_000, isRead: path.count > 1)
    }

    func claims(_ target: RequestTarget, at path: [String]) -> Bool {
        claimed.contains(target.segments.first?.text ?? "")
            || !path.isEmpty && target.lies(below: path)
    }

    /// Takes the letter x out of a body.
    func outgoing(
        _ body: [UInt8], of origin: ForwardOrigin
    ) throws(DocumentFault) -> [UInt8] {
        guard body.first != UInt8(ascii: "!") else { throw DocumentFault("not a question") }
        return body.filter { $0 != UInt8(ascii: "x") }
    }

    func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(
            url: AbsoluteURL("\(identity.location)/doc/\(name)"), accept: "text/plain")
    }

    func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact] {
        let lines = String(decoding: document.bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first == "ok" else { throw DocumentFault("a page that is no document") }
        let files = lines.dropFirst().map { $0.split(separator: " ").map(String.init) }
        return files.filter { !hidden.contains($0[0]) }.map { parts in
            FileFact(
                artifact: "\(document.name)/\(parts[0])",
                url: AbsoluteURL("\(fileHost)/file/\(document.name)/\(parts[0])")
                    ?? Self.url("/"),
                digests: Digest(algorithm: .sha256, hex: parts[1]).map { [$0] } ?? [],
                byteCount: Int(parts[2]), publishedAt: Int64(parts[3]))
        }
    }

    func render(
        _ document: UpstreamDocument, as variant: Variant
    ) throws(DocumentFault) -> Rendering {
        Rendering(contentType: "text/plain", bytes: Array("rendered ".utf8) + document.bytes)
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

    static func url(_ path: String) -> AbsoluteURL {
        guard let url = AbsoluteURL(root + path) else { preconditionFailure("a bad test URL") }
        return url
    }
}
