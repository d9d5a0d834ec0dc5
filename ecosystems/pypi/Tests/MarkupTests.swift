import Ecosystems
import Foundation
import PyPI
import Support
import Testing

/// Words of an upstream that want to be markup.
@Suite struct MarkupTests {
    static let nasty = [
        #""><script>alert(1)</script>"#, "<img src=x onerror=alert(1)>", "a\r\nX-Injected: 1",
        "' onmouseover='alert(1)", "--><script>", "</a><a href=\"https://evil.example/\">",
        "&lt;b&gt;",
        "&#60;script&#62;", "]]><![CDATA[", "\u{2028}\u{202E}", "a\u{0}b", "<!--", "`${1}`",
        "&quot;",
    ]

    /// What Python's parser finds in a page: the tags, the attributes and the reasons.
    private struct Found: Decodable {
        let tags: [String: Int]
        let attributes: [String]
        let reasons: [String]
    }

    private static let judge = """
        import html.parser, json, sys
        found = {"tags": {}, "attributes": [], "reasons": []}
        class Reader(html.parser.HTMLParser):
            def handle_starttag(self, tag, attributes):
                found["tags"][tag] = found["tags"].get(tag, 0) + 1
                for name, value in attributes:
                    found["attributes"].append(name)
                    if name == "data-yanked":
                        found["reasons"].append(value)
        Reader(convert_charrefs=True).feed(open(sys.argv[1], encoding="utf-8").read())
        print(json.dumps(found))
        """

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test("M-5: yank reasons, status reasons and other words are text to a strict parser")
    func reasons() throws {
        var files: [String] = []
        for (number, text) in Self.nasty.enumerated() {
            files.append(
                #"{"filename":"x-\#(number).zip","url":"https://files.example/x-\#(number).zip","#
                    + #""hashes":{},"yanked":\#(try Self.quoted(text)),"#
                    + #""requires-python":\#(try Self.quoted(text))}"#)
        }
        let status = try Self.quoted(Self.nasty[0])
        let document = Sample.json(
            #"{"meta":{"api-version":"1.4"},"name":"x","project-status":{"status":"active","#
                + #""reason":\#(status)},"files":[\#(files.joined(separator: ","))]}"#)
        let page = try Sample.rendered(document, as: .html)
        let file = NSTemporaryDirectory() + "larder-markup-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Foundation.Data(page.utf8).write(to: URL(fileURLWithPath: file))
        let outcome = try Program.run(["python3", "-I", "-c", Self.judge, file])
        try #require(outcome.status == 0, "\(outcome.output)")
        let found = try JSONDecoder().decode(Found.self, from: Foundation.Data(outcome.output.utf8))
        let known: Set = ["html", "head", "meta", "title", "body", "h1", "a", "br"]
        #expect(Set(found.tags.keys).isSubset(of: known), "\(found.tags)")
        #expect(found.tags["a"] == Self.nasty.count)
        let attributes: Set = [
            "href", "name", "content", "charset", "lang", "data-yanked", "data-requires-python",
        ]
        #expect(Set(found.attributes).isSubset(of: attributes), "\(Set(found.attributes))")
        // Read as they were written, but for what no page can hold.
        #expect(found.reasons.count == Self.nasty.count)
        for (read, written) in zip(found.reasons, Self.nasty) where !written.contains("\u{0}") {
            #expect(read.filter { !$0.isNewline } == written.filter { !$0.isNewline })
        }
    }

    @Test("M-5: names and links of a page that hold markup are refused or written as text")
    func names() throws {
        for text in Self.nasty {
            let json = try Self.quoted(text)
            for member in [
                #""filename":\#(json),"url":"https://files.example/x-1.zip""#,
                #""filename":"x-1.zip","url":\#(json)"#,
                #""filename":"x-1.zip","url":\#(try Self.quoted("https://files.example/" + text))"#,
            ] {
                let document = Sample.json(files: #"{\#(member),"hashes":{}}"#)
                guard let page = try? Sample.rendered(document, as: .html) else { continue }
                for word in ["<script", "<img", "onmouseover='", "\r", "\u{0}"] {
                    #expect(!page.contains(word), "\(member): \(page)")
                }
                let links = page.components(separatedBy: "<a ").count - 1
                #expect(links <= 1, "\(member): \(page)")
            }
        }
    }
}
