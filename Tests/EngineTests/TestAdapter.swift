import Digests
import Ecosystems
import HTTPModel
import Resources

/// The smallest ecosystem: `/t/doc/<name>` and `/t/file/<document>/<file>`.
///
/// A document is lines of `file sha256 size published`; it begins with `ok`.
struct TestAdapter: WholeDocumentAdapter {
    static let root = "https://up.example"
    let identity = UpstreamIdentity(ecosystem: "test", name: "test", location: root)
    let rendererVersion = "test1"
    var fileHost = root

    func route(_ head: RequestHead, base: PublicBase?) -> Route {
        let path = head.target.segments.dropFirst().map(\.text)
        if path.count == 2, path[0] == "doc" {
            return .document(name: path[1], variant: Variant("plain"))
        }
        if path.count == 3, path[0] == "file" {
            return .artifact(name: "\(path[1])/\(path[2])", namedBy: path[1])
        }
        if path == ["old"] { return .redirect(to: "doc/new", .permanent) }
        return .refused(RouteRefusal(status: 404, reason: "no such path."))
    }

    func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(url: Self.url("/doc/\(name)"), accept: "text/plain")
    }

    func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact] {
        let lines = String(decoding: document.bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first == "ok" else { throw DocumentFault("a page that is no document") }
        return lines.dropFirst().map { line in
            let parts = line.split(separator: " ").map(String.init)
            return FileFact(
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
