import Ecosystems
import HTTPModel
import PyPI
import Testing

@Suite struct OwnedNamesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let isRefused: Bool
        var testDescription: String { path }

        init(_ path: String, refused: Bool) {
            self.path = "/pypi/" + path
            isRefused = refused
        }
    }

    static let rows: [Row] = [
        Row("simple/acme-tools/", refused: true), Row("simple/acme/", refused: false),
        Row("simple/acmeology/", refused: false), Row("simple/Acme.Tools", refused: true),
        Row("simple/my-secret/", refused: true), Row("simple/my_secret/", refused: true),
        Row("simple/my-secrets/", refused: false),
        Row("packages/aa/acme_tools-1.0.tar.gz", refused: true),
        Row("packages/aa/acme_tools-1.0-py3-none-any.whl.metadata", refused: true),
        Row("files/wheels.example/My.Secret-1.0.zip", refused: true),
        Row("packages/aa/other-1.0.tar.gz", refused: false),
    ]

    @Test("a name that another index owns is refused here, pages and files", arguments: rows)
    func refuses(_ row: Row) throws {
        var names = OwnedNames()
        names.add(["Acme_*", "my.secret"], of: "acme")
        let adapter = PyPIAdapter(mount: ["pypi"], upstream: Sample.upstream, elsewhere: names)
        let target = try RequestTarget(Array(row.path.utf8))
        let route = adapter.route(RequestHead(method: .get, target: target), base: nil)
        guard case .refused(let refusal) = route else {
            #expect(!row.isRefused)
            return
        }
        #expect(row.isRefused && refusal.status == 404)
        #expect(refusal.reason.contains("pypi/acme/simple/"))
    }
}
