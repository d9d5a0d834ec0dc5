import Digests
import Ecosystems
import HTTPModel
import PyPI
import Resources
import Support
import Testing

@Suite struct PageTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let document: UpstreamDocument
    }

    private static let file =
        #"{"filename":"x-1.zip","url":"https://files.example/packages/x-1.zip","hashes":{}}"#

    static let faults: [Fault] = [
        Fault(testDescription: "empty body", document: Sample.html("")),
        Fault(testDescription: "empty JSON body", document: Sample.json("")),
        Fault(
            testDescription: "login page",
            document: Sample.html(
                "<html><body><form action='/login'><a href='/help'>Help</a></form></body></html>")),
        Fault(
            testDescription: "login page sent as JSON", document: Sample.json("<html>login</html>")),
        Fault(
            testDescription: "JSON sent as HTML",
            document: Sample.html(#"{"meta":{"api-version":"1.0"},"files":[]}"#)),
        Fault(
            testDescription: "no Content-Type and no HTML",
            document: Sample.document(Array("garbage".utf8), of: "x", type: nil)),
        Fault(
            testDescription: "HTML of version 2",
            document: Sample.html("<meta name='pypi:repository-version' content='2.0'>")),
        Fault(
            testDescription: "HTML of a damaged version",
            document: Sample.html("<meta name='pypi:repository-version' content='one'>")),
        Fault(
            testDescription: "JSON of version 2",
            document: Sample.json(#"{"meta":{"api-version":"2.0"},"files":[]}"#)),
        Fault(
            testDescription: "Content-Type of version 2",
            document: Sample.document(
                Array(#"{"meta":{"api-version":"1.0"},"files":[]}"#.utf8), of: "x",
                type: "application/vnd.pypi.simple.v2+json")),
        Fault(testDescription: "no version", document: Sample.json(#"{"meta":{},"files":[]}"#)),
        Fault(testDescription: "no meta", document: Sample.json(#"{"files":[]}"#)),
        Fault(
            testDescription: "no files", document: Sample.json(#"{"meta":{"api-version":"1.0"}}"#)),
        Fault(
            testDescription: "files that are no list",
            document: Sample.json(#"{"meta":{"api-version":"1.0"},"files":{}}"#)),
        Fault(
            testDescription: "null files",
            document: Sample.json(#"{"meta":{"api-version":"1.0"},"files":null}"#)),
        Fault(
            testDescription: "another project",
            document: Sample.json(#"{"meta":{"api-version":"1.0"},"name":"y","files":[]}"#)),
        Fault(
            testDescription: "files twice",
            document: Sample.json(#"{"meta":{"api-version":"1.0"},"files":[],"files":[]}"#)),
        Fault(
            testDescription: "files twice, once escaped",
            document: Sample.json(
                #"{"meta":{"api-version":"1.0"},"files":[],"\u0066iles":[]}"#)),
        Fault(
            testDescription: "version twice",
            document: Sample.json(
                #"{"meta":{"api-version":"1.0","api-version":"1.0"},"files":[]}"#)),
        Fault(
            testDescription: "URL twice",
            document: Sample.json(files: #"{"filename":"x-1.zip","url":"a","url":"b","hashes":{}}"#)
        ),
        Fault(
            testDescription: "URL twice, once escaped",
            document: Sample.json(
                files: #"{"filename":"x-1.zip","url":"a","\u0075rl":"b","hashes":{}}"#)),
        Fault(
            testDescription: "an unknown key twice",
            document: Sample.json(
                files: #"{"filename":"x-1.zip","url":"a","hashes":{},"z":1,"z":2}"#)),
        Fault(
            testDescription: "a hash twice",
            document: Sample.json(
                files: #"{"filename":"x-1.zip","url":"a","hashes":{"md5":"0","md5":"1"}}"#)),
        Fault(
            testDescription: "a file without URL",
            document: Sample.json(files: #"{"filename":"x"}"#)),
        Fault(
            testDescription: "a file without name", document: Sample.json(files: #"{"url":"x"}"#)),
        Fault(testDescription: "a file that is none", document: Sample.json(files: "null")),
        Fault(
            testDescription: "a name with a slash",
            document: Sample.json(files: #"{"filename":"../x-1.zip","url":"a","hashes":{}}"#)),
        Fault(
            testDescription: "cut short", document: Sample.json(files: file + ",{\"filename\":")),
        Fault(
            testDescription: "more behind the page",
            document: Sample.json(#"{"meta":{"api-version":"1.0"},"files":[]} x"#)),
    ]

    @Test("what is no page of this project is never stored", arguments: faults)
    func refuses(_ row: Fault) {
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(of: row.document) }
        #expect(throws: DocumentFault.self) {
            try Sample.adapter.render(row.document, as: SimpleForm.json.variant)
        }
    }

    @Test(
        "a project without files is a project",
        arguments: [
            Sample.json(#"{"meta":{"api-version":"1.0"},"name":"X","files":[]}"#),
            Sample.html("<meta name='pypi:repository-version' content='1.0'>"),
        ])
    func noFiles(_ document: UpstreamDocument) throws {
        #expect(try Sample.adapter.facts(of: document).isEmpty)
        #expect(try Sample.rendered(document, as: .json).contains("\"files\":[]"))
        let html = try Sample.rendered(document, as: .html)
        #expect(html.contains("content=\"1.0\"") && !html.contains("<a "))
    }

    @Test("facts: names, URLs, siblings, digests, size, time")
    func facts() throws {
        let facts = try Sample.adapter.facts(
            of: Fixture(path: "synthetic/nasty.json", project: "nasty").document())
        let lines = facts.map { fact in
            let digests = fact.digests.map(\.algorithm.rawValue).sorted().joined(separator: ",")
            return "\(fact.artifact) \(fact.url) [\(digests)] \(fact.byteCount ?? -1)"
        }
        let base = "https://files.example/packages/aa/bb"
        #expect(
            lines == [
                "packages/aa/bb/cc/nasty-1.0.tar.gz \(base)/cc/nasty-1.0.tar.gz [sha256] 12",
                "packages/aa/bb/cc/nasty-1.0.tar.gz.asc \(base)/cc/nasty-1.0.tar.gz.asc [] -1",
                "packages/aa/bb/cd/nasty-1.0-py3-none-any.whl "
                    + "\(base)/cd/nasty-1.0-py3-none-any.whl [md5,sha256] -1",
                "packages/aa/bb/cd/nasty-1.0-py3-none-any.whl.metadata "
                    + "\(base)/cd/nasty-1.0-py3-none-any.whl.metadata [sha256] -1",
                "packages/aa/bb/ce/nasty-1.1%2Bcpu-py3-none-any.whl "
                    + "\(base)/ce/nasty-1.1%2Bcpu-py3-none-any.whl [sha1] -1",
                "packages/aa/bb/ce/nasty-1.1%2Bcpu-py3-none-any.whl.metadata "
                    + "\(base)/ce/nasty-1.1%2Bcpu-py3-none-any.whl.metadata [] -1",
                "files/index.example/other/nasty-1.1.zip "
                    + "https://index.example/other/nasty-1.1.zip [] 0",
                "files/wheels.example/whl/cpu/nasty-1.3.tar.gz "
                    + "https://wheels.example/whl/cpu/nasty-1.3.tar.gz [sha256] 99",
                "files/wheels.example/whl/cpu/nasty-1.3.tar.gz.metadata "
                    + "https://wheels.example/whl/cpu/nasty-1.3.tar.gz.metadata [sha256] -1",
            ])
        #expect(facts[0].publishedAt == 1_628_480_684)
        #expect(facts[0].version == "1.0" && facts[4].version == "1.1+cpu")
    }

    // mmcv's page is a flat one, of two projects.
    @Test(
        "every route to a file that a page names leads to its fact",
        arguments: Fixture.pages.filter { $0.project != "mmcv" })
    func routesToFacts(_ fixture: Fixture) throws {
        for fact in try Sample.adapter.facts(of: fixture.document()) {
            let target = try RequestTarget(Array("/pypi/\(fact.artifact)".utf8))
            let route = Sample.adapter.route(RequestHead(method: .get, target: target), base: nil)
            guard case .artifact(let name, let document, _) = route else {
                Issue.record("\(fact.artifact): \(route)")
                continue
            }
            #expect(name == fact.artifact)
            #expect(document == "simple/\(fixture.project)/")
        }
    }

    struct Link: Sendable, CustomTestStringConvertible {
        let url: String
        /// What stands in the page; nil when the file is dropped.
        let link: String?

        var testDescription: String { url }
    }

    static let links: [Link] = [
        Link(url: "https://files.example/packages/a/x-1.zip", link: "../../packages/a/x-1.zip"),
        Link(url: "https://FILES.example:443/packages/x-1.zip", link: "../../packages/x-1.zip"),
        Link(url: "//files.example/packages/x-1.zip", link: "../../packages/x-1.zip"),
        Link(
            url: "https://files.example/packages/a/../b/x-1.zip", link: "../../packages/b/x-1.zip"),
        Link(url: "https://files.example/packages/x%2d1.zip", link: "../../packages/x-1.zip"),
        Link(url: "https://files.example/packages/x-1+c.zip", link: "../../packages/x-1%2Bc.zip"),
        Link(url: "https://files.example/packages/x-1.zip?a=b", link: "../../packages/x-1.zip"),
        Link(url: "https://files.example/x-1.zip", link: "../../files/files.example/x-1.zip"),
        Link(url: "x-1.zip", link: "../../files/index.example/simple/x/x-1.zip"),
        Link(url: "../../packages/x-1.zip", link: "../../files/index.example/packages/x-1.zip"),
        Link(url: "https://wheels.example/w/x-1.zip", link: "../../files/wheels.example/w/x-1.zip"),
        Link(
            url: "http://files.example/packages/x-1.zip",
            link: "http://files.example/packages/x-1.zip"),
        Link(url: "https://wheels.example:81/x-1.zip", link: "https://wheels.example:81/x-1.zip"),
        Link(
            url: "https://other.example/x-1.zip?a=1&b=2",
            link: "https://other.example/x-1.zip?a=1&b=2"),
        Link(
            url: "https://files.example/packages//x-1.zip",
            link: "https://files.example/packages//x-1.zip"),
        Link(
            url: "https://files.example/packages/a%2Fb/x-1.zip",
            link: "https://files.example/packages/a%2Fb/x-1.zip"),
        Link(
            url: "https://files.example/packages/%2e%2e/x-1.zip",
            link: "https://files.example/packages/%2e%2e/x-1.zip"),
        Link(
            url: "https://files.example/packages/%252e/x-1.zip",
            link: "https://files.example/packages/%252e/x-1.zip"),
        Link(
            url: "https://files.example/download?f=x-1.zip",
            link: "https://files.example/download?f=x-1.zip"),
        Link(
            url: "https://files.example/packages/a b/x-1.zip",
            link: "../../packages/a%20b/x-1.zip"),
        Link(
            url: "https://files.example/packages/é/x-1.zip",
            link: "../../packages/%C3%A9/x-1.zip"),
        Link(url: "ftp://files.example/packages/x-1.zip", link: nil),
        Link(url: "javascript:alert(1)", link: nil), Link(url: "data:,x-1.zip", link: nil),
        Link(url: "https://user:secret@files.example/packages/x-1.zip", link: nil),
        Link(url: "https:///x-1.zip", link: nil),
    ]

    @Test("where a page's links lead", arguments: links)
    func leads(_ row: Link) throws {
        let page = Sample.json(
            files: #"{"filename":"x-1.zip","url":"\#(row.url)","hashes":{}}"#)
        let json = try Sample.rendered(page, as: .json)
        let html = try Sample.rendered(page, as: .html)
        guard let link = row.link else {
            #expect(json.contains("\"files\":[]") && !html.contains("<a "))
            return
        }
        #expect(json.contains("\"url\":\"\(link)\""), "\(json)")
        #expect(html.contains("href=\"\(link.replacing("&", with: "&amp;"))\""), "\(html)")
    }

    @Test("an upstream beside whose simple/ the packages are")
    func packagesBeside() throws {
        let simple = try #require(AbsoluteURL("http://127.0.0.1:8081/root/simple/"))
        let upstream = try #require(PyPIUpstream(simple: simple))
        let adapter = PyPIAdapter(mount: ["pypi"], upstream: upstream)
        let url = try #require(simple.resolving("x/"))
        let text = """
            <a href="../../packages/x-1.zip">x</a><a href="/other/x-2.zip">x</a>
            """
        let document = UpstreamDocument(
            name: "simple/x/", contentType: nil, url: url, bytes: Array(text.utf8))
        #expect(
            try adapter.facts(of: document).map(\.artifact) == [
                "packages/x-1.zip", "files/127.0.0.1%3A8081/other/x-2.zip",
            ])
        let target = try RequestTarget(Array("/pypi/files/127.0.0.1:8081/other/x-2.zip".utf8))
        #expect(
            adapter.route(RequestHead(method: .get, target: target), base: nil)
                == .artifact(
                    name: "files/127.0.0.1%3A8081/other/x-2.zip", namedBy: "simple/x/"))
    }

    @Test("random bytes and cut pages end in a fault or a page, never in a trap", arguments: 0..<8)
    func damaged(_ seed: Int) throws {
        var state = (UInt64(seed) &+ FuzzCount.firstSeed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for fixture in Fixture.pages where fixture.path.hasPrefix("synthetic") {
            let whole = try fixture.document()
            var outcomes = 0
            for _ in 0..<FuzzCount.of(60) {
                var bytes = whole.bytes
                for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
                if random(3) == 0 { bytes.removeLast(random(bytes.count)) }
                let document = Sample.document(
                    bytes, of: fixture.project, type: whole.contentType)
                for form in [SimpleForm.json, .html] {
                    guard let page = try? Sample.adapter.render(document, as: form.variant) else {
                        continue
                    }
                    outcomes += 1
                    #expect(String(validating: page.bytes, as: UTF8.self) != nil)
                    guard form == .json else { continue }
                    var reader = JSONReader(page.bytes)
                    _ = try reader.value()
                    try reader.finish()
                }
            }
            #expect(outcomes > 0)
        }
    }
}
