import Ecosystems
import Foundation
import HTTPModel
import PyPI
import Testing

@Suite struct ProjectListTests {
    private static func list(_ text: String, type: String = "text/html") -> UpstreamDocument {
        UpstreamDocument(
            name: "simple/", contentType: type, url: Sample.upstream.simple, bytes: Array(text.utf8)
        )
    }

    private static func json(_ text: String) -> UpstreamDocument {
        list(text, type: "application/vnd.pypi.simple.v1+json")
    }

    private static let json = json(
        #"{"meta":{"api-version":"1.4","_last-serial":7},"x":1,"projects":["#
            + #"{"_last-serial":1,"name":"Foo.Bar"},{"name":"\u0062","z":2},{"name":"<i>"}]}"#)

    @Test("JSON in: JSON stays as it is, HTML has relative links and names as displayed")
    func jsonIn() throws {
        #expect(try Sample.rendered(Self.json, as: .json).utf8.elementsEqual(Self.json.bytes))
        let html = try Sample.rendered(Self.json, as: .textHTML)
        #expect(html.contains("<a href=\"foo-bar/\">Foo.Bar</a>"))
        #expect(html.contains("<a href=\"b/\">b</a>"))
        #expect(html.contains("name=\"pypi:repository-version\" content=\"1.4\""))
        #expect(!html.contains("<i>"))
        #expect(try Sample.adapter.facts(of: Self.json).isEmpty)
    }

    private static let html = list(
        """
        <!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"></head><body>
        <a href="/simple/foo-bar/">Foo.Bar</a><br>
        <a HREF='https://index.example/simple/b?x'> b </a>
        <a href="/help/">About us</a><a href="/login">sign-in</a></body></html>
        """)

    @Test("HTML in: links written anew, what is no project left out, JSON of version 1.0")
    func htmlIn() throws {
        let html = try Sample.rendered(Self.html, as: .html)
        #expect(html.contains("<a href=\"foo-bar/\">Foo.Bar</a>"))
        #expect(html.contains("<a href=\"b/\">b</a>"))
        #expect(!html.contains("index.example") && !html.contains("About"))
        #expect(
            try Sample.rendered(Self.html, as: .json)
                == #"{"meta":{"api-version":"1.0"},"projects":[{"name":"Foo.Bar"},{"name":"b"}]}"#)
    }

    @Test("an empty list is a list")
    func empty() throws {
        let list = Self.json(#"{"meta":{"api-version":"1.0"},"projects":[]}"#)
        #expect(try Sample.adapter.facts(of: list).isEmpty)
        let page = Self.list("<meta name=\"pypi:repository-version\" content=\"1.0\">")
        #expect(
            try Sample.rendered(page, as: .json)
                == #"{"meta":{"api-version":"1.0"},"projects":[]}"#)
    }

    static let faults: [UpstreamDocument] = [
        list(""), list("<form action=/login></form>"), list("<a href=/help>Get help</a>"),
        list("<meta name=pypi:repository-version content=2.0><a href=a/>a</a>"), json(""),
        json("[]"), json(#"{"meta":{"api-version":"1.0"}}"#), json(#"{"projects":[]}"#),
        json(#"{"meta":{"api-version":"2.0"},"projects":[]}"#),
        json(#"{"meta":{"api-version":"1.0"},"projects":{}}"#),
        json(#"{"meta":{"api-version":"1.0"},"projects":[{}]}"#),
        json(#"{"meta":{"api-version":"1.0"},"projects":[{"name":1}]}"#),
        json(#"{"meta":{"api-version":"1.0"},"projects":["a"]}"#),
        json(#"{"meta":{"api-version":"1.0"},"projects":[]"#),
    ]

    @Test("what is no list of projects is never stored", arguments: faults.indices)
    func refuses(_ index: Int) {
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(of: Self.faults[index]) }
    }

    @Test("700,000 names, judged by Python: none is lost or changed", .timeLimit(.minutes(10)))
    func judged() throws {
        var json = Array(#"{"meta":{"api-version":"1.4","_last-serial":7},"projects":["#.utf8)
        var html = Array("<!DOCTYPE html><html><body>\n".utf8)
        for number in 0..<700_000 {
            let name = ["Foo.Bar-\(number)", "x\(number)", "A__b.-\(number)"][number % 3]
            if number > 0 { json.append(0x2C) }
            json += #"{"_last-serial":\#(number),"name":"\#(name)"}"#.utf8
            // As the public index has it: the path is absolute, and in normal form.
            let normal = ["foo-bar-\(number)", "x\(number)", "a-b-\(number)"][number % 3]
            html += "<a href=\"/simple/\(normal)/\">\(name)</a>\n".utf8
        }
        json += "]}".utf8
        html += "</body></html>\n".utf8
        let upstream = (json: json, html: html)
        try Judge.withFolder { folder in
            let files = ["upstream.json", "ours.html", "ours.json"].map {
                folder.appending(path: $0)
            }
            let list = Self.document(upstream.json, type: "application/vnd.pypi.simple.v1+json")
            let ours = try Sample.adapter.render(list, as: SimpleForm.textHTML.variant).bytes
            let old = Self.document(upstream.html, type: "text/html")
            try Data(upstream.json).write(to: files[0])
            try Data(ours).write(to: files[1])
            try Data(Sample.adapter.render(old, as: SimpleForm.json.variant).bytes)
                .write(to: files[2])
            #expect(
                try Sample.adapter.render(list, as: SimpleForm.json.variant).bytes == upstream.json)
            let (status, output) = try Judge.judge("judge_list.py", files.map { $0.path() })
            #expect(status == 0, "\(output)")
            #expect(output.contains("judged 700000 names"), "\(output)")
        }
    }

    private static func document(_ bytes: [UInt8], type: String) -> UpstreamDocument {
        UpstreamDocument(
            name: "simple/", contentType: type, url: Sample.upstream.simple, bytes: bytes)
    }

    @Test("20,000 names: none is lost in either form, and no more is made than is written")
    func large() throws {
        let count = 20_000
        var bytes = Array(#"{"meta":{"api-version":"1.1"},"projects":["#.utf8)
        for number in 0..<count {
            if number > 0 { bytes.append(0x2C) }
            bytes.append(contentsOf: #"{"_last-serial":12345678,"name":"Project.\#(number)"}"#.utf8)
        }
        bytes.append(contentsOf: "]}".utf8)
        let list = UpstreamDocument(
            name: "simple/", contentType: "application/vnd.pypi.simple.v1+json",
            url: Sample.upstream.simple, bytes: bytes)
        let html = try Sample.adapter.render(list, as: SimpleForm.textHTML.variant).bytes
        #expect(html.count { $0 == 0x0A } == count + 9)
        #expect(html.count < 2 * bytes.count)
        let last = "    <a href=\"project-19999/\">Project.19999</a><br />\n  </body>\n</html>\n"
        #expect(html.suffix(last.utf8.count).elementsEqual(last.utf8))
        let again = UpstreamDocument(
            name: "simple/", contentType: "text/html", url: Sample.upstream.simple, bytes: html)
        let json = try Sample.adapter.render(again, as: SimpleForm.json.variant).bytes
        #expect(json.count { $0 == 0x7B } == count + 2)
    }
}
