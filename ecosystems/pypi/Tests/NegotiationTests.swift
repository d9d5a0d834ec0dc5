import Ecosystems
import HTTPModel
import PyPI
import Testing

@Suite struct NegotiationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let accept: String?
        let form: SimpleForm

        init(_ accept: String?, _ form: SimpleForm) {
            self.accept = accept?.replacing("v1+", with: "application/vnd.pypi.simple.v1+")
                .replacing("latest+", with: "application/vnd.pypi.simple.latest+")
                .replacing("v2+", with: "application/vnd.pypi.simple.v2+")
            self.form = form
        }

        var testDescription: String { accept ?? "none" }
    }

    static let rows: [Row] = [
        Row(nil, .textHTML), Row("", .textHTML), Row("*/*", .textHTML), Row("text/html", .textHTML),
        Row("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .textHTML),
        Row("v1+json, v1+html; q=0.1, text/html; q=0.01", .json),
        Row("v1+json, v1+html;q=0.2, text/html;q=0.01", .json),
        Row("v1+json, */*;q=0.1", .json),
        Row("v1+html;q=0.2, v1+json, text/html;q=0.01", .json),
        Row("v1+html", .html), Row("v1+json", .json),
        Row("v1+json, v1+html, text/html", .textHTML),
        Row("v1+json, v1+html", .html),
        Row("v1+json;q=0, */*", .textHTML),
        Row("latest+json", .json), Row("latest+html", .html),
        Row("latest+json;q=0.4, v1+html;q=0.5", .html),
        Row("v1+json;q=0.2, latest+json, v1+html;q=0.5", .json),
        Row("application/json", .textHTML), Row("v2+json", .textHTML), Row("image/png", .textHTML),
        Row("application/*", .html), Row("application/*;q=0.5, text/*", .textHTML),
        Row("text/*;q=0.1, application/*", .html), Row("*/*;q=0", .textHTML),
        Row("text/html;q=0, */*;q=0.5", .html), Row("text/html;q=0, v1+html;q=0, */*;q=0.5", .json),
        Row("TEXT/HTML;q=0.1, APPLICATION/vnd.pypi.simple.V1+JSON", .json),
        Row("v1+json;q=2, text/html;q=0.1", .textHTML),
        Row("v1+json;q=abc", .textHTML), Row("v1+json;level=1;q=0.5, text/html;q=0.4", .json),
        Row(";;,,v1+json", .json), Row("v1+json;q=0.000", .textHTML),
        Row("v1+json ; q=1.000", .json),
    ]

    @Test("the form for an Accept field, RFC 9110 section 12.5.1", arguments: rows)
    func negotiation(_ row: Row) throws {
        #expect(SimpleForm.negotiated(row.accept) == row.form)
        var head = RequestHead(
            method: .get, target: try RequestTarget(Array("/pypi/simple/x/".utf8)))
        head.accept = row.accept
        let variant = row.form.variant
        #expect(
            Sample.adapter.route(head, base: nil) == .document(name: "simple/x/", variant: variant))
    }

    @Test("the query's format beats any Accept", arguments: rows)
    func format(_ row: Row) throws {
        let path = "/pypi/simple/x/?format=application/vnd.pypi.simple.v1+json"
        var head = RequestHead(method: .get, target: try RequestTarget(Array(path.utf8)))
        head.accept = row.accept
        let variant = SimpleForm.json.variant
        #expect(
            Sample.adapter.route(head, base: nil) == .document(name: "simple/x/", variant: variant))
    }

    @Test("the answer names the real version, in lower case")
    func contentTypes() {
        #expect(
            SimpleForm.allCases.map(\.contentType) == [
                "text/html; charset=utf-8",
                "application/vnd.pypi.simple.v1+html; charset=utf-8",
                "application/vnd.pypi.simple.v1+json",
            ])
    }
}
