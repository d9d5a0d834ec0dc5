package import Ecosystems
internal import HTTPModel
package import Resources

/// The simple repository API below one mount: `simple/<project>/`, `packages/<path>`, `files/<host>/`.
///
/// A page is stored as the upstream sent it, JSON or HTML, and rendered in both forms from that.
/// File URLs in pages are relative, so no address of ours is part of them; only those of the JSON
/// API are absolute.
/// Source: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>
package struct PyPIAdapter: WholeDocumentAdapter {
    /// The path segments before `simple`: `pypi`, or `pypi` and the name of an index.
    package let mount: [String]
    package let upstream: PyPIUpstream
    package let identity: UpstreamIdentity
    package let rendererVersion: String
    let map: FileMap
    /// Names of which this index says nothing.
    let elsewhere: OwnedNames

    package init(
        mount: [String], upstream: PyPIUpstream, elsewhere: OwnedNames = OwnedNames()
    ) {
        self.mount = mount
        self.upstream = upstream
        self.elsewhere = elsewhere
        map = FileMap(upstream)
        // With another file host the same artifact names stand for other files.
        let isUsual = upstream.files == PyPIUpstream.files(beside: upstream.simple)
        identity = UpstreamIdentity(
            ecosystem: "pypi", name: mount.joined(separator: "/"),
            location: upstream.simple.description + (isUsual ? "" : "|\(upstream.files)"))
        rendererVersion =
            "2|\(upstream.files)|" + upstream.hosts.sorted().joined(separator: ",")
    }

    /// Apart from the renderings: "2" since what a page says of its serial and of a takedown is kept.
    package var factsVersion: String { "2|" + rendererVersion }

    package func origin(ofDocument name: String) -> DocumentOrigin {
        if let kind = ProjectDocument(name: name), let url = upstream.simple.resolving("../" + name)
        {
            return DocumentOrigin(url: url, accept: kind.contentType)
        }
        let project = DocumentName.project(in: name)
        let page = project.flatMap { upstream.simple.resolving($0 + "/") }
        return DocumentOrigin(url: page ?? upstream.simple, accept: Self.accept)
    }

    package func render(
        _ document: UpstreamDocument, as variant: Variant
    ) throws(DocumentFault) -> Rendering {
        if let kind = ProjectDocument(variant) {
            return try rendering(document, as: kind, base: variant.base)
        }
        guard let form = SimpleForm(variant) else {
            throw DocumentFault("there is no such form of the page")
        }
        let bytes: [UInt8]
        if document.name == DocumentName.projectList {
            bytes = try list(document).rendered(as: form)
        } else {
            bytes = try page(document).rendered(as: form)
        }
        return Rendering(
            contentType: form.contentType,
            bytes: try withOurProvenance(bytes, in: form, base: variant.base))
    }

    /// CORS, for clients in browsers (micropip), and the serial that mirrors downstream compare.
    package var replyExtras: ReplyExtras {
        ReplyExtras(
            fields: [
                .init("Access-Control-Allow-Origin", "*"),
                .init("Access-Control-Expose-Headers", "ETag, X-PyPI-Last-Serial"),
            ],
            passed: ["X-PyPI-Last-Serial"],
            options: [
                .init("Access-Control-Allow-Methods", "GET, HEAD"),
                .init(
                    "Access-Control-Allow-Headers",
                    "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since"),
                .init("Access-Control-Max-Age", "86400"),
            ])
    }

    package func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        switch status {
        case 200: .present
        case 304: .notModified
        case 404, 410: .absent
        case 401: .refused
        case 403: upstream.forbidden == .absent ? .absent : .refused
        case 429, 503: .busy
        default: .failed
        }
    }

    /// Reads a document of this adapter in whichever form it came.
    package func page(_ document: UpstreamDocument) throws(DocumentFault) -> ProjectPage {
        guard let project = DocumentName.project(in: document.name) else {
            throw DocumentFault("there is no such document")
        }
        return try isJSON(document)
            ? JSONPageReader(document, project: project, map: map).page()
            : HTMLPageReader(document, project: project, map: map).page()
    }

    func list(_ document: UpstreamDocument) throws(DocumentFault) -> ProjectList {
        ProjectList(document, isJSON: try isJSON(document))
    }

    private func isJSON(_ document: UpstreamDocument) throws(DocumentFault) -> Bool {
        switch PageType(document.contentType) {
        case .json: return true
        case .html: return false
        case .unknownVersion:
            throw DocumentFault("the page has an API version that we do not know")
        }
    }

    /// JSON first, since only that holds every field.
    private static let accept =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
        + "text/html;q=0.1"
}

/// What a Content-Type says of a page; without one it is HTML.
private enum PageType {
    case json, html, unknownVersion

    init(_ contentType: String?) {
        let type = contentType?.prefix { $0 != ";" }
        let name = String(type ?? "text/html").trimmingWhitespace.lowercased()
        if name.hasPrefix("application/vnd.pypi.simple.v"),
            !name.hasPrefix("application/vnd.pypi.simple.v1+")
        {
            self = .unknownVersion
        } else {
            self = name.hasSuffix("+json") || name == "application/json" ? .json : .html
        }
    }
}
