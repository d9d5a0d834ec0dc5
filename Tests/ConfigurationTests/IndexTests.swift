import Configuration
import HTTPModel
import Testing

/// `pypi.indexes`: a map whose names are the operator's.
@Suite struct IndexTests {
    @Test("named indexes: a URL alone, or a map with a credential, files, hosts and owned names")
    func indexes() throws {
        let settings = try read(
            """
            pypi:
              indexes:
                torch: https://wheels.example/whl/cpu
                acme:
                  url: https://acme.example/simple/
                  files: https://acme.example/files/
                  token_file: /run/token
                  fresh_seconds: 9
                  hosts: [cdn.example, "cdn2.example:81"]
                  owns: [acme-*, Acme_Tools]
                  forbidden_means_absent: true
                  empty_means_absent: true
            """, secrets: ["/run/token": "secret"])
        let indexes = settings.pypi.indexes
        #expect(indexes.map(\.name) == ["torch", "acme"])
        let torch = try #require(indexes.first)
        #expect(torch.source.upstream.url?.description == "https://wheels.example/whl/cpu/")
        #expect(torch.source.upstream.credential == nil && torch.source.files == nil)
        #expect(!torch.source.isAbsentWhenForbidden && !torch.source.isAbsentWhenEmpty)
        #expect(torch.owns.isEmpty)
        let acme = try #require(indexes.last)
        #expect(acme.source.upstream.credential != nil)
        #expect(acme.source.upstream.freshSeconds == 9)
        #expect(
            acme.source.upstream.hosts.map(\.description) == ["cdn.example", "cdn2.example:81"])
        #expect(acme.source.files?.description == "https://acme.example/files/")
        #expect(acme.owns == ["acme-*", "Acme_Tools"])
        #expect(acme.source.isAbsentWhenForbidden && acme.source.isAbsentWhenEmpty)
        #expect(settings.pypi.upstream.url == nil)
    }

    @Test("what is shown of indexes reads as the same settings")
    func shown() throws {
        let first = try read(
            """
            pypi:
              upstream: {url: "https://index.example/", empty_means_absent: true}
              indexes:
                torch: https://wheels.example/whl/cpu/
                acme: {url: "https://acme.example/simple/", owns: "acme-*, b"}
            """)
        let second = try read(first.shown)
        #expect(second.pypi == first.pypi)
        #expect(second.pypi.indexes.map(\.owns) == [[], ["acme-*", "b"]])
        #expect(second.pypi.main.isAbsentWhenEmpty)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        let problem: String
        var testDescription: String { file }

        init(_ file: String, _ problem: String) {
            self.file = "pypi: {indexes: \(file)}"
            self.problem = "larder.yaml:1: pypi.indexes\(problem)"
        }
    }

    static let rows: [Row] = [
        Row("{simple: x}", ".simple: is a reserved name; choose another"),
        Row("{packages: x}", ".packages: is a reserved name; choose another"),
        Row("{pypi: x}", ".pypi: is a reserved name; choose another"),
        Row("{integrity: x}", ".integrity: is a reserved name; choose another"),
        Row("{files: x}", ".files: is a reserved name; choose another"),
        Row("{A: x}", ".A: is no name here: use a to z, 0 to 9 and hyphens"),
        Row("{a.b: x}", ".a.b: is no name here: use a to z, 0 to 9 and hyphens"),
        Row("{a/b: x}", ".a/b: is no name here: use a to z, 0 to 9 and hyphens"),
        Row("{a: }", ".a: needs the URL of an index"),
        Row("{a: {token: x}}", ".a: needs the URL of an index"),
        Row(
            "{a: {url: 'https://a.example/', own: x}}",
            ".a.own: is not a known key; did you mean pypi.indexes.a.owns?"),
        Row(
            "{a: {url: 'https://a.example/', owns: '*'}}",
            ".a.owns: must be a project's name, or a beginning as acme-*; it is \"*\""),
        Row(
            "{a: {url: 'https://a.example/', owns: [a*b]}}",
            ".a.owns: must be a project's name, or a beginning as acme-*; it is \"a*b\""),
        Row("[a]", ": must be a map of names, each with a URL or a map of its own"),
        Row("x", ": must be a map of names, each with a URL or a map of its own"),
    ]

    @Test("wrong indexes are refused with their line", arguments: rows)
    func refused(_ row: Row) {
        #expect(problems(row.file) == [row.problem])
    }
}
