import Ecosystems
import HTTPModel
import PyPI
import Resources
import Testing

@Suite struct RouteTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let expected: Expected

        init(_ path: String, _ expected: Expected) {
            self.path = path
            self.expected = expected
        }

        var testDescription: String { path }
    }

    enum Expected: Sendable, Hashable {
        case document(String, SimpleForm = .textHTML)
        case artifact(String, of: String)
        case redirect(String)
        case refused(Int)
    }

    static let rows: [Row] = [
        // Pages: names and redirects (PEP 503; pypi A4).
        Row("/pypi/simple/foo-bar/", .document("simple/foo-bar/")),
        Row("/pypi/simple/a/", .document("simple/a/")),
        Row("/pypi/simple/%66oo/", .document("simple/foo/")),
        Row("/pypi/simple/simple/", .document("simple/simple/")),
        Row("/pypi/simple/foo-bar", .redirect("foo-bar/")),
        Row("/pypi/simple/Foo.Bar", .redirect("foo-bar/")),
        Row("/pypi/simple/Foo.Bar/", .redirect("../foo-bar/")),
        Row("/pypi/simple/foo_-.bar/", .redirect("../foo-bar/")),
        Row("/pypi/simple/foo_bar/?format=x&y=1", .redirect("../foo-bar/?format=x&y=1")),
        Row("/pypi/simple/foo?a=b", .redirect("foo/?a=b")),
        Row("/pypi/simple", .redirect("simple/")), Row("/pypi/simple/", .document("simple/")),
        Row(
            "/pypi/simple/?format=application/vnd.pypi.simple.v1+json", .document("simple/", .json)),
        Row("/pypi/simple?a", .redirect("simple/?a")),
        Row("/pypi/simple/-foo/", .refused(404)), Row("/pypi/simple/foo-/", .refused(404)),
        Row("/pypi/simple/f%20oo/", .refused(404)), Row("/pypi/simple/f%C3%B6o/", .refused(404)),
        Row("/pypi/simple/f%EF%BC%91/", .refused(404)), Row("/pypi/simple/a@b/", .refused(404)),
        Row("/pypi/simple/a%2Fb/", .refused(400)), Row("/pypi/simple/.x/", .refused(404)),
        Row("/pypi/simple/a:b/", .refused(404)),
        Row("/pypi/simple/\(String(repeating: "a", count: 201))/", .refused(404)),
        Row("/pypi/simple/foo/json", .refused(404)), Row("/pypi/simple/foo/x/", .refused(404)),
        // Forms by query (A5).
        Row(
            "/pypi/simple/x/?format=application/vnd.pypi.simple.v1+json",
            .document("simple/x/", .json)),
        Row(
            "/pypi/simple/x/?a=b&format=application%2Fvnd.pypi.simple.v1%2Bjson",
            .document("simple/x/", .json)),
        Row(
            "/pypi/simple/x/?format=application/vnd.pypi.simple.latest%20html",
            .document("simple/x/", .html)),
        Row("/pypi/simple/x/?format=text/html", .document("simple/x/", .textHTML)),
        Row("/pypi/simple/x/?format=json", .refused(406)),
        Row("/pypi/simple/x/?format=application/vnd.pypi.simple.v2+json", .refused(406)),
        Row("/pypi/simple/x/?format=", .refused(406)),
        Row("/pypi/simple/x/?format=text/html,text/html", .refused(406)),
        Row("/pypi/simple/x/?format=%zz", .refused(406)),
        Row("/pypi/simple/x/?formats=json", .document("simple/x/")),
        // Files (A7).
        Row(
            "/pypi/packages/aa/bb/cc/foo_bar-1.0-py3-none-any.whl",
            .artifact("packages/aa/bb/cc/foo_bar-1.0-py3-none-any.whl", of: "simple/foo-bar/")),
        Row(
            "/pypi/packages/aa/bb/cc/foo_bar-1.0-py3-none-any.whl.metadata",
            .artifact(
                "packages/aa/bb/cc/foo_bar-1.0-py3-none-any.whl.metadata", of: "simple/foo-bar/")),
        Row(
            "/pypi/packages/x/Foo.Bar-1.0.tar.gz.asc",
            .artifact("packages/x/Foo.Bar-1.0.tar.gz.asc", of: "simple/foo-bar/")),
        Row(
            "/pypi/packages/torch-2.4.0+cu121-cp310-none-any.whl",
            .artifact("packages/torch-2.4.0%2Bcu121-cp310-none-any.whl", of: "simple/torch/")),
        Row(
            "/pypi/packages/torch-2.4.0%2Bcu121-cp310-none-any.whl",
            .artifact("packages/torch-2.4.0%2Bcu121-cp310-none-any.whl", of: "simple/torch/")),
        Row(
            "/pypi/packages/torch-2.4.0%2bcu121-cp310-none-any.whl",
            .artifact("packages/torch-2.4.0%2Bcu121-cp310-none-any.whl", of: "simple/torch/")),
        Row(
            "/pypi/packages/foo-1!2.0.tar.gz",
            .artifact("packages/foo-1%212.0.tar.gz", of: "simple/foo/")),
        Row(
            "/pypi/packages/foo-1%212.0.tar.gz",
            .artifact("packages/foo-1%212.0.tar.gz", of: "simple/foo/")),
        Row("/pypi/packages/foo-1.0.tar.gz/", .refused(404)),
        Row("/pypi/packages/a%2Fb/foo-1.0.tar.gz", .refused(400)),
        Row("/pypi/packages/foo.txt", .refused(404)),
        Row("/pypi/packages/.metadata", .refused(404)),
        Row("/pypi/packages/foo.whl", .refused(404)), Row("/pypi/packages/-1.0.whl", .refused(404)),
        Row("/pypi/packages/foo-1.0.whl.metadata.metadata", .refused(404)),
        Row("/pypi/packages/foo-.whl", .refused(404)), Row("/pypi/packages", .refused(404)),
        Row("/pypi/packages/", .refused(404)),
        // Files of other hosts (A13).
        Row(
            "/pypi/files/wheels.example/whl/cpu/foo-1.0-py3-none-any.whl",
            .artifact("files/wheels.example/whl/cpu/foo-1.0-py3-none-any.whl", of: "simple/foo/")),
        Row(
            "/pypi/files/WHEELS.example/foo-1.0.zip",
            .artifact("files/wheels.example/foo-1.0.zip", of: "simple/foo/")),
        Row("/pypi/files/evil.example/foo-1.0.zip", .refused(404)),
        Row("/pypi/files/wheels.example:81/foo-1.0.zip", .refused(404)),
        Row("/pypi/files/user@wheels.example/foo-1.0.zip", .refused(404)),
        Row("/pypi/files/wheels.example", .refused(404)),
        // The rest.
        Row("/pypi/", .refused(404)), Row("/pypi", .refused(404)), Row("/", .refused(404)),
        Row("/pypi/json", .refused(404)),
        Row("/other/simple/foo/", .refused(404)), Row("/PyPI/simple/foo/", .refused(404)),
        Row("/simple/foo/", .refused(404)),
    ]

    @Test("paths below the mount", arguments: rows)
    func paths(_ row: Row) throws {
        #expect(try route(row.path) == row.expected)
        #expect(try route(row.path, .head) == row.expected)
    }

    @Test(
        "targets that never reach the adapter",
        arguments: [
            "/pypi/simple/%2e%2e/", "/pypi//simple/x/", "/pypi/simple/../x/", "/pypi/simple/a%5Cb/",
            "/pypi/simple/a%00b/", "/pypi/packages/%2e%2e/foo-1.0.zip", "/pypi/simple/%252e/",
        ])
    func faults(_ path: String) {
        #expect(throws: RequestTarget.Fault.self) { try RequestTarget(Array(path.utf8)) }
    }

    @Test("an index below a longer mount, at a URL without simple in it")
    func namedIndex() throws {
        let simple = try #require(AbsoluteURL("https://index.example/whl/cpu/"))
        let upstream = try #require(PyPIUpstream(simple: simple, forbidden: .absent))
        let adapter = PyPIAdapter(mount: ["pypi", "torch"], upstream: upstream)
        let target = try RequestTarget(Array("/pypi/torch/simple/torch/".utf8))
        let head = RequestHead(method: .get, target: target)
        let variant = SimpleForm.textHTML.variant
        #expect(
            adapter.route(head, base: nil) == .document(name: "simple/torch/", variant: variant))
        let origin = adapter.origin(ofDocument: "simple/torch/")
        #expect(origin.url?.description == "https://index.example/whl/cpu/torch/")
        #expect(origin.accept.hasPrefix("application/vnd.pypi.simple.v1+json, "))
        #expect(upstream.files.description == "https://index.example/whl/packages/")
        #expect(adapter.meaning(ofStatus: 403, for: .document) == .absent)
        #expect(adapter.identity.name == "pypi/torch")
        #expect(adapter.identity.location == "https://index.example/whl/cpu/")
    }

    @Test(
        "other methods than GET and HEAD are refused", arguments: [Method.post, .options, .other])
    func methods(_ method: Method) throws {
        #expect(try route("/pypi/simple/x/", method) == .refused(405))
    }

    struct Status: Sendable {
        let status: Int
        let meaning: UpstreamMeaning
    }

    static let statuses: [Status] = [
        .init(status: 200, meaning: .present), .init(status: 304, meaning: .notModified),
        .init(status: 404, meaning: .absent), .init(status: 410, meaning: .absent),
        .init(status: 401, meaning: .refused), .init(status: 403, meaning: .refused),
        .init(status: 429, meaning: .busy), .init(status: 503, meaning: .busy),
        .init(status: 500, meaning: .failed), .init(status: 502, meaning: .failed),
        .init(status: 204, meaning: .failed), .init(status: 206, meaning: .failed),
        .init(status: 301, meaning: .failed), .init(status: 400, meaning: .failed),
    ]

    @Test("what an upstream's status means", arguments: statuses)
    func meaning(_ row: Status) {
        #expect(Sample.adapter.meaning(ofStatus: row.status, for: .artifact) == row.meaning)
        #expect(Sample.adapter.meaning(ofStatus: row.status, for: .document) == row.meaning)
    }

    @Test("settings that change what is rendered change the renderer's version and identity")
    func versions() throws {
        let simple = try #require(AbsoluteURL("https://index.example/simple/"))
        let usual = try #require(PyPIUpstream(simple: simple))
        let files = try #require(AbsoluteURL("https://other.example/files/"))
        let other = try #require(PyPIUpstream(simple: simple, files: files))
        let hosts = try #require(PyPIUpstream(simple: simple, hosts: ["b.example", "a.example"]))
        let versions = [usual, other, hosts].map {
            PyPIAdapter(mount: ["pypi"], upstream: $0).rendererVersion
        }
        #expect(Set(versions).count == 3)
        #expect(versions.allSatisfy { !$0.contains(" ") })
        let locations = [usual, other].map {
            PyPIAdapter(mount: ["pypi"], upstream: $0).identity.location
        }
        #expect(Set(locations).count == 2)
        #expect(usual.files.description == "https://index.example/packages/")
        #expect(PyPIUpstream(simple: try #require(AbsoluteURL("https://a.example/simple"))) == nil)
    }

    @Test("the public index has a file host of its own")
    func publicIndex() throws {
        let upstream = try #require(PyPIUpstream.publicIndex())
        #expect(upstream.simple.description == PyPIDefaults.simple)
        #expect(upstream.files.description == PyPIDefaults.files)
        #expect(upstream.files.host != upstream.simple.host)
    }

    private func route(_ path: String, _ method: Method = .get) throws -> Expected {
        let target = try RequestTarget(Array(path.utf8))
        switch Sample.adapter.route(RequestHead(method: method, target: target), base: nil) {
        case .document(let name, let variant, _):
            return .document(name, try #require(SimpleForm(variant)))
        case .artifact(let name, let document, _): return .artifact(name, of: document)
        case .redirect(let reference, let permanence):
            #expect(permanence == .permanent)
            return .redirect(reference)
        case .refused(let refusal):
            #expect(refusal.reason.hasSuffix("."))
            return .refused(refusal.status)
        case .here, .forward: return .refused(0)
        }
    }
}
