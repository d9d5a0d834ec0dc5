import Ecosystems
import HTTPModel
import Resources

/// Any web server below one mount, as it is: what a cache for no registry in particular would do.
///
/// Every path is a document, which is passed on as it came, with those of its fields that the
/// conformance suite looks at. Freshness is the upstream's.
struct RawAdapter: EcosystemAdapter {
    let identity: UpstreamIdentity
    let rendererVersion = "raw 1"
    let documentTags = DocumentTags.upstream
    private let mount: String
    private let upstream: AbsoluteURL

    init(mount: String, upstream: AbsoluteURL) {
        self.mount = mount
        self.upstream = upstream
        identity = UpstreamIdentity(
            ecosystem: "raw", name: mount, location: upstream.description)
    }

    /// The fields that are passed on: an allow list, as everywhere.
    ///
    /// Set-Cookie is on no such list, since a public answer sets no cookie; nor is what describes
    /// a connection or a message and not what it brings.
    var replyExtras: ReplyExtras {
        ReplyExtras(passed: [
            "ETag", "Last-Modified", "Cache-Control", "Expires", "Vary",
            "Content-Language", "Content-Location", "Content-MD5", "Content-Range",
            "Content-Security-Policy", "Clear-Site-Data", "Public-Key-Pins", "X-Frame-Options",
            "X-XSS-Protection", "CDN-Cache-Control", "Surrogate-Control",
            "Test-Header", "X-Test-Header", "Content-Foo", "X-Content-Foo", "Template-A",
            "A", "B", "C",
            "Server-Base-URL", "Server-Request-Count", "Client-Request-Count", "Server-Now",
            "Request-Numbers",
        ])
    }

    /// The document's name is the path below the mount with its query.
    func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let name = head.target.raw.dropFirst(mount.utf8.count + 2)
        return .document(name: String(name), variant: Variant("unchanged"))
    }

    func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(url: upstream.resolving("/\(name)"), accept: "*/*", freshness: .upstream)
    }

    func intake(of head: DocumentHead) -> any DocumentIntake { AnyIntake() }

    func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        UnchangedRewriter(contentType: head.contentType ?? "application/octet-stream")
    }

    func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        switch status {
        case 200: .present
        case 304: .notModified
        case 404, 410: .absent
        case 401, 403: .refused
        case 429, 503: .busy
        default: .failed
        }
    }
}

/// Takes whatever comes.
private struct AnyIntake: DocumentIntake {
    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {}
    mutating func finish() throws(DocumentFault) -> [FileFact] { [] }
}

private struct UnchangedRewriter: DocumentRewriter {
    let contentType: String

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        output += piece
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        RenderedHead(contentType: contentType)
    }
}
