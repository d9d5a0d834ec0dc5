import Compression
import Ecosystems
import Foundation
import HTTPModel
import PyPI
import Testing

/// A recorded page, found beside this file in the working tree.
struct Fixture: Sendable, CustomTestStringConvertible {
    let path: String
    let project: String
    /// How often each file is in the page, each time in another version.
    var copies = 1

    var testDescription: String { copies == 1 ? path : "\(path), \(copies) times" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    /// Every recorded project page; the other files are documents of other kinds.
    static let pages: [Fixture] = [
        Fixture(path: "micropip/numpy_simple.json.gz", project: "numpy"),
        Fixture(path: "micropip/numpy_simple.html.gz", project: "numpy"),
        Fixture(path: "micropip/black_simple.json", project: "black"),
        Fixture(path: "micropip/black_simple.html", project: "black"),
        Fixture(path: "micropip/xo-gd_simple.json", project: "xo-gd"),
        Fixture(path: "micropip/xo-gd_simple.html", project: "xo-gd"),
        Fixture(path: "micropip/snowballstemmer_simple.json", project: "snowballstemmer"),
        Fixture(path: "micropip/snowballstemmer_simple.html", project: "snowballstemmer"),
        Fixture(path: "micropip/relative-urls-test_simple.html", project: "relative-url-test"),
        Fixture(path: "dependabot/pypi_simple_response_multiline.html", project: "luigi"),
        Fixture(path: "dependabot/pypi_simple_response_yanked.html", project: "luigi"),
        Fixture(path: "dependabot/pypi_simple_response_requests.html", project: "requests"),
        Fixture(path: "poetry/mmcv_torch_releases.html", project: "mmcv"),
        Fixture(path: "pypi-simple/aws-adfs-ebsco.html", project: "aws-adfs-ebsco"),
        Fixture(path: "pypi-simple/devpi_devpi.html", project: "devpi"),
        Fixture(path: "synthetic/nasty.json", project: "nasty"),
        Fixture(path: "synthetic/nasty.html", project: "nasty"),
    ]

    /// Recorded documents that are no project pages.
    static let others: [Fixture] = [
        Fixture(path: "dependabot/pypi_simple_response_devpi.html", project: "pip"),
        Fixture(path: "micropip/numpy_json.json.gz", project: "numpy"),
        Fixture(path: "micropip/snowballstemmer_json.json", project: "snowballstemmer"),
        Fixture(path: "artifact-keeper/pypi-sigstore-4.5.0-metadata.json", project: "sigstore"),
        Fixture(
            path: "artifact-keeper/pypi-sigstore-4.5.0-whl-provenance.json", project: "sigstore"),
    ]

    /// Recorded pages made large and given what pages have had since: provenance and a status.
    static let inflated: [Fixture] = [
        Fixture(path: "micropip/numpy_simple.json.gz", project: "numpy", copies: 5),
        Fixture(path: "micropip/numpy_simple.html.gz", project: "numpy", copies: 5),
    ]
    /// 2,210 files in five versions each.
    static let inflatedFileCount = 11_050

    private func inflated(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let (start, end) = isJSON ? ("{\"files\":[", "],\"meta\"") : ("    <a ", "  </body>")
        guard let first = text.range(of: start), let last = text.range(of: end, options: .backwards)
        else { return bytes }
        let filesStart = isJSON ? first.upperBound : first.lowerBound
        let files = text[filesStart..<last.lowerBound]
        let provenance = "https://index.example/integrity/numpy/1/numpy-1.whl/provenance"
        let modern =
            isJSON
            ? files.replacing("\"size\":", with: "\"provenance\":\"\(provenance)\",\"size\":")
            : files.replacing("<a href=", with: "<a data-provenance=\"\(provenance)\" href=")
        let copies = (0..<copies).map { copy in
            // Some with an epoch, whose mark is escaped in URLs.
            modern.replacing("numpy-", with: "numpy-\(copy)\(copy % 2 == 0 ? "." : "!")")
        }
        let status =
            isJSON ? "" : "<meta name=\"pypi:project-status\" content=\"archived\">\n"
        let whole =
            status + text[..<filesStart] + copies.joined(separator: isJSON ? "," : "")
            + text[last.lowerBound...]
        return Array(whole.utf8)
    }

    func bytes() throws -> [UInt8] {
        copies == 1 ? try recorded() : inflated(try recorded())
    }

    private func recorded() throws -> [UInt8] {
        let raw = [UInt8](try Data(contentsOf: Self.folder.appending(path: path)))
        guard path.hasSuffix(".gz") else { return raw }
        return try gunzip(raw, limits: ExpansionLimits(outputByteCount: 16 << 20))
    }

    var isJSON: Bool { path.contains(".json") }

    func document() throws -> UpstreamDocument {
        try Sample.document(
            bytes(), of: project,
            type: isJSON ? "application/vnd.pypi.simple.v1+json" : "text/html; charset=utf-8")
    }
}

/// What the tests share: an adapter of an index that nobody has, and pages of it.
enum Sample {
    static let adapter = PyPIAdapter(mount: ["pypi"], upstream: upstream)

    /// As clients reach this server.
    static let base = PublicBase(scheme: .https, authority: "larder.example", prefix: "/cache")

    static let upstream: PyPIUpstream = {
        guard let simple = AbsoluteURL("https://index.example/simple/"),
            let files = AbsoluteURL("https://files.example/packages/"),
            let upstream = PyPIUpstream(simple: simple, files: files, hosts: ["Wheels.example"])
        else { preconditionFailure("the URLs of the tests") }
        return upstream
    }()

    static func url(of project: String) -> AbsoluteURL {
        guard let url = upstream.simple.resolving(project + "/") else { return upstream.simple }
        return url
    }

    static func document(
        _ bytes: [UInt8], of project: String, type: String?
    ) -> UpstreamDocument {
        UpstreamDocument(
            name: "simple/\(project)/", contentType: type, url: url(of: project), bytes: bytes)
    }

    static func json(_ text: String, of project: String = "x") -> UpstreamDocument {
        document(Array(text.utf8), of: project, type: "application/vnd.pypi.simple.v1+json")
    }

    static func html(_ text: String, of project: String = "x") -> UpstreamDocument {
        document(Array(text.utf8), of: project, type: "text/html")
    }

    /// A JSON page of project `x` with these files.
    static func json(files: String) -> UpstreamDocument {
        json("{\"meta\":{\"api-version\":\"1.1\"},\"name\":\"x\",\"files\":[\(files)]}")
    }

    static func rendered(
        _ document: UpstreamDocument, as form: SimpleForm
    ) throws -> String {
        String(decoding: try adapter.render(document, as: form.variant).bytes, as: UTF8.self)
    }
}
