import Digests
import Ecosystems
import HTTPModel
import Helm
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
        case index(IndexForm)
        case artifact(String)
        case page
        case refused(Int)
        /// The target itself is refused, with 400, before any adapter sees it.
        case noTarget
    }

    static let rows: [Row] = [
        Row("/helm/stable/index.yaml", .index(.json)),
        Row("/helm/stable/index.yaml?format=json", .index(.json)),
        Row("/helm/stable/index.yaml?token=t&format=yaml", .index(.yaml)),
        Row("/helm/stable/index.yaml?token=t", .index(.json)),
        Row("/helm/stable/index.yaml?format=xml", .refused(406)),
        Row("/helm/stable/index.yaml/", .refused(404)),
        Row("/helm/stable", .page), Row("/helm/stable/", .page),
        Row("/helm/stable/a-1.2.3.tgz", .artifact("a-1.2.3.tgz")),
        Row("/helm/stable/a-1.2.3.tgz.prov", .artifact("a-1.2.3.tgz.prov")),
        Row("/helm/stable/assets/a/a-1+b.tgz", .artifact("assets/a/a-1+b.tgz")),
        Row("/helm/stable/assets/a/a-1%2Bb.tgz", .artifact("assets/a/a-1+b.tgz")),
        Row("/helm/stable/assets/a/a-1%2bb.tgz.prov", .artifact("assets/a/a-1+b.tgz.prov")),
        Row("/helm/stable/a-1%252Bb.tgz", .artifact("a-1+b.tgz")),
        Row("/helm/stable/a-1%252bb.tgz.prov", .artifact("a-1+b.tgz.prov")),
        Row("/helm/stable/a-1%25252Bb.tgz", .noTarget),
        Row("/helm/stable/a-1.tar.gz", .artifact("a-1.tar.gz")),
        Row("/helm/stable/-/h.example:80/a-1.tgz", .artifact("-/h.example:80/a-1.tgz")),
        Row("/helm/stable/-/h.example%3A80/a-1.tgz", .artifact("-/h.example:80/a-1.tgz")),
        Row("/helm/stable/a%20b.tgz", .artifact("a%20b.tgz")),
        Row("/helm/stable/a-1.tgz/", .refused(404)), Row("/helm/stable/a-1.zip", .refused(404)),
        Row("/helm/stable/.tgz", .refused(404)), Row("/helm/stable/x/.tgz.prov", .refused(404)),
        Row("/helm/stable/a-1.prov", .refused(404)), Row("/helm/stable/index.yml", .refused(404)),
        Row("/helm/stable/x/index.yaml", .refused(404)), Row("/helm/other/a.tgz", .refused(404)),
        Row("/helm/stable/a%2Fb.tgz", .refused(400)),
        Row("/helm/stable/../a.tgz", .noTarget), Row("/helm/stable/%2e%2e/a.tgz", .noTarget),
        Row("/helm/stable//a.tgz", .noTarget), Row("/helm/stable/a%5Cb.tgz", .noTarget),
        Row("/helm/stable/a%00.tgz", .noTarget),
    ]

    @Test("paths of one repository", arguments: rows)
    func route(_ row: Row) {
        guard let target = try? RequestTarget(row.path.utf8) else {
            #expect(row.expected == .noTarget)
            return
        }
        for method in [Method.get, .head] {
            let head = RequestHead(method: method, target: target)
            switch Sample.adapter().route(head, base: nil) {
            case .document(let name, let variant, true):
                #expect(name == "index.yaml")
                #expect(IndexForm(variant).map { .index($0) } == row.expected)
            case .artifact(let name, "index.yaml", nil): #expect(.artifact(name) == row.expected)
            case .here: #expect(row.expected == .page)
            case .refused(let refusal): #expect(row.expected == .refused(refusal.status))
            case let other: Issue.record("\(other)")
            }
        }
    }

    @Test("the page says how to add the repository, by the name that clients know")
    func page() throws {
        let target = try RequestTarget("/helm/stable/".utf8)
        let url = try #require(AbsoluteURL("https://cache.example/prefix/"))
        let head = RequestHead(method: .get, target: target)
        guard case .here(let page) = Sample.adapter().route(head, base: PublicBase(url)) else {
            Issue.record("no page")
            return
        }
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(text.contains("helm repo add stable https://cache.example/prefix/helm/stable\n"))
    }

    @Test("other methods are refused")
    func methods() throws {
        let target = try RequestTarget("/helm/stable/index.yaml".utf8)
        let route = Sample.adapter().route(RequestHead(method: .post, target: target), base: nil)
        guard case .refused(let refusal) = route else {
            Issue.record("\(route)")
            return
        }
        #expect(refusal.status == 405)
    }

    @Test(
        "the index is below the repository's URL, with its query",
        arguments: [
            ("https://charts.example", "https://charts.example/index.yaml"),
            ("https://charts.example/a/", "https://charts.example/a/index.yaml"),
            ("https://charts.example/a?t=1", "https://charts.example/a/index.yaml?t=1"),
        ])
    func origin(_ base: String, _ index: String) {
        let adapter = Sample.adapter(Sample.upstream(base))
        #expect(adapter.origin(ofDocument: "index.yaml").url?.description == index)
        #expect(!adapter.identity.location.contains("?"))
    }
}
