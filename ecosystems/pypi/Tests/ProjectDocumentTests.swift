import Ecosystems
import HTTPModel
import PyPI
import Testing

/// The JSON API and provenance objects.
@Suite struct ProjectDocumentTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        /// The document's name, or where a redirect leads; nil for a refusal.
        let leads: String?
        var testDescription: String { path }

        init(_ path: String, _ leads: String?) {
            self.path = "/pypi/" + path
            self.leads = leads
        }
    }

    static let rows: [Row] = [
        Row("pypi/foo/json", "pypi/foo/json"), Row("pypi/foo/json/", "pypi/foo/json"),
        Row("pypi/foo/1.0/json", "pypi/foo/1.0/json"),
        Row("pypi/foo/1.0+cpu/json/", "pypi/foo/1.0%2Bcpu/json"),
        Row("pypi/foo/1!2.0%2Bcpu/json", "pypi/foo/1%212.0%2Bcpu/json"),
        Row("pypi/simple/json", "pypi/simple/json"), Row("pypi/json/json", "pypi/json/json"),
        Row("pypi/Foo.Bar/json?a=b", "../foo-bar/json?a=b"),
        Row("pypi/Foo/json/", "../../foo/json/"), Row("pypi/Foo/1.0/json", "../../foo/1.0/json"),
        Row("pypi/Foo/1.0/json/", "../../../foo/1.0/json/"),
        Row("pypi/-foo/json", nil), Row("pypi/foo", nil), Row("pypi/foo/1.0", nil),
        Row("pypi/foo/1.0/x/json", nil), Row("pypi/foo/a b/json".replacing(" ", with: "%20"), nil),
        Row("pypi/json", nil), Row("pypi/foo/xml", nil),
        Row(
            "integrity/foo/1.0/foo-1.0.tar.gz/provenance",
            "integrity/foo/1.0/foo-1.0.tar.gz/provenance"),
        Row("integrity/Foo/1/foo-1.zip/provenance", "../../../foo/1/foo-1.zip/provenance"),
        Row("integrity/foo/1.0/foo-1.0.tar.gz/provenance/", nil),
        Row("integrity/foo/1.0/readme.txt/provenance", nil),
        Row("integrity/foo/1.0/provenance", nil), Row("integrity/foo/1.0/foo-1.0.zip", nil),
    ]

    @Test("paths of the JSON API and of provenance objects", arguments: rows)
    func paths(_ row: Row) throws {
        let target = try RequestTarget(Array(row.path.utf8))
        let head = RequestHead(method: .get, target: target)
        switch Sample.adapter.route(head, base: Sample.base) {
        case .document(let name, let variant, _):
            #expect(name == row.leads)
            let isJSON = name.hasPrefix("pypi/")
            #expect(variant.name == (isJSON ? "json" : "provenance"))
            #expect(variant.base == (isJSON ? Sample.base : nil))
            let bare = Sample.adapter.route(head, base: nil)
            #expect(
                bare == (isJSON ? .refused(.unknownHost) : .document(name: name, variant: variant)))
            let origin = Sample.adapter.origin(ofDocument: name)
            #expect(origin.url?.description == "https://index.example/\(name)")
        case .redirect(let reference, .permanent): #expect(reference == row.leads)
        case .refused(let refusal): #expect(row.leads == nil && refusal.status == 404)
        case .artifact, .here, .redirect, .forward: Issue.record("no such route")
        }
    }

    @Test("recorded documents keep every byte but those of file URLs, and their type")
    func copies() throws {
        for (fixture, name, type) in [
            (Fixture.others[1], "pypi/numpy/json", "application/json"),
            (Fixture.others[2], "pypi/snowballstemmer/json", "application/json"),
            (Fixture.others[3], "pypi/sigstore/4.5.0/json", "application/json"),
            (
                Fixture.others[4], "integrity/sigstore/4.5.0/sigstore-4.5.0.zip/provenance",
                "application/vnd.pypi.integrity.v1+json"
            ),
        ] {
            let document = UpstreamDocument(
                name: name, contentType: "application/json", url: Sample.upstream.simple,
                bytes: try fixture.bytes())
            #expect(try Sample.adapter.facts(of: document).isEmpty)
            let isJSON = name.hasPrefix("pypi/")
            let variant = isJSON ? Variant("json", base: Sample.base) : Variant("provenance")
            let rendering = try Sample.adapter.render(document, as: variant)
            #expect(rendering.contentType == type)
            // Recorded URLs are below `packages/` of a host that another row of data names.
            let text = String(decoding: document.bytes, as: UTF8.self)
            let ours = "\"url\":\"https://larder.example/cache/pypi/packages/"
            let expected = text.replacing(Self.recordedURL, with: ours)
            #expect(String(decoding: rendering.bytes, as: UTF8.self) == expected)
            #expect((expected != text) == isJSON)
        }
    }

    /// How a file URL of the recorded documents begins.
    static let recordedURL = "\"url\":\"https://files.example/packages/"

    struct Rewriting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What stands in the document behind `{"info":{},`, and what comes of it; nil: the same.
        let text: String
        var result: String?
    }

    static let ours = "https://larder.example/cache/pypi/"
    static let theirs = "https://files.example/packages/aa/x-1.zip"
    static let rewritings: [Rewriting] = [
        Rewriting(
            testDescription: "a release's files",
            text: #""urls": [ {"url" : "\#(theirs)", "n": 1} ] "#,
            result: #""urls": [ {"url" : "\#(ours)packages/aa/x-1.zip", "n": 1} ] "#),
        Rewriting(
            testDescription: "a project's files, two releases",
            text: #""releases":{"1":[{"url":"\#(theirs)"}],"2":[],"3":[{"url":"\#(theirs)"}]}"#,
            result: #""releases":{"1":[{"url":"\#(ours)packages/aa/x-1.zip"}],"2":[],"#
                + #""3":[{"url":"\#(ours)packages/aa/x-1.zip"}]}"#),
        Rewriting(
            testDescription: "an escaped URL, and a plus",
            text: #""urls":[{"url":"https:\/\/files.example\/packages\/aa\/x-1+cpu.zip"}]"#,
            result: #""urls":[{"url":"\#(ours)packages/aa/x-1%2Bcpu.zip"}]"#),
        Rewriting(
            testDescription: "an allowed other host",
            text: #""urls":[{"url":"https://wheels.example/d/x-1.zip"}]"#,
            result: #""urls":[{"url":"\#(ours)files/wheels.example/d/x-1.zip"}]"#),
        Rewriting(
            testDescription: "another host",
            text: #""urls":[{"url":"https://far.example/d/x-1.zip"}]"#),
        Rewriting(
            testDescription: "prose, keys of other objects, other kinds of values",
            text: #""x":{"url":"\#(theirs)"},"urls":[null,{"url":null,"a":{"url":"\#(theirs)"}}],"#
                + #""releases":{"1":null},"d":"\"url\":\"\#(theirs)\"""#),
        Rewriting(
            testDescription: "keys at another level",
            text: #""y":{"urls":[{"url":"\#(theirs)"}]}"#),
    ]

    @Test("A16.18 file URLs of the JSON API become ours, and nothing else", arguments: rewritings)
    func rewriting(_ row: Rewriting) throws {
        let document = UpstreamDocument(
            name: "pypi/x/json", contentType: "application/json", url: Sample.upstream.simple,
            bytes: Array("{\"info\":{},\(row.text)}".utf8))
        let rendering = try Sample.adapter.render(document, as: Variant("json", base: Sample.base))
        #expect(
            String(decoding: rendering.bytes, as: UTF8.self)
                == "{\"info\":{},\(row.result ?? row.text)}")
    }

    @Test(
        "what is no such document is never stored",
        arguments: [
            "", "<html>", "[]", "{}", #"{"message":"Not Found"}"#, #"{"info":1}"#,
            #"{"info":{}} x"#, #"{"info":{}"#,
        ])
    func refuses(_ text: String) {
        let document = UpstreamDocument(
            name: "pypi/x/json", contentType: "application/json", url: Sample.upstream.simple,
            bytes: Array(text.utf8))
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(of: document) }
    }
}
