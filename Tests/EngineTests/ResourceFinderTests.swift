import Engine
import HTTPModel
import Resources
import Testing

/// Paths that operators give, found by the mounts and adapters that answer requests.
@Suite struct ResourceFinderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let upstream: String
        let resource: Resource
        /// The path that is shown for it; nil for files, which nobody lists.
        var shown: String?
        var testDescription: String { path }
    }

    private static let finder = ResourceFinder(
        mounts: [
            PyPIBench.mount(),
            PyPIBench.mount(["pypi", "more"], simple: "https://m.example/simple/"),
        ]
            + NPMBench.mounts(scopes: ["@acme": "https://acme.example/"])
            + JoiningAdapter.mounts(["a", "b"]),
        base: PublicBaseRule(publicURL: AbsoluteURL("https://here.example/below/")))

    static let rows: [Row] = [
        Row(
            path: "/pypi/simple/foo/", upstream: "pypi", resource: .document("simple/foo/"),
            shown: "/pypi/simple/foo/"),
        Row(
            path: "pypi/simple/Foo_Bar", upstream: "pypi", resource: .document("simple/foo-bar/"),
            shown: "/pypi/simple/foo-bar/"),
        Row(
            path: "/pypi/more/simple/foo/", upstream: "pypi/more",
            resource: .document("simple/foo/"), shown: "/pypi/more/simple/foo/"),
        Row(
            path: "/pypi/pypi/foo/json", upstream: "pypi", resource: .document("pypi/foo/json"),
            shown: "/pypi/pypi/foo/json"),
        Row(
            path: "/npm/left-pad", upstream: "npm", resource: .document("left-pad"),
            shown: "/npm/left-pad"),
        Row(path: "npm/@s%2fn", upstream: "npm", resource: .document("@s/n"), shown: "/npm/@s/n"),
        Row(
            path: "/npm/@acme/n", upstream: "npm/@acme", resource: .document("@acme/n"),
            shown: "/npm/@acme/n"),
        Row(
            path: "https://here.example/below/pypi/simple/Foo", upstream: "pypi",
            resource: .document("simple/foo/"), shown: "/pypi/simple/foo/"),
        Row(
            path: "http://127.0.0.1:8080/npm/left-pad", upstream: "npm",
            resource: .document("left-pad"), shown: "/npm/left-pad"),
    ]

    @Test("a path of the server names what a request for it would", arguments: rows)
    func finds(_ row: Row) throws {
        guard case .found(let found) = Self.finder.find(row.path) else {
            Issue.record("\(Self.finder.find(row.path))")
            return
        }
        #expect(found.upstream == row.upstream)
        #expect(found.resource == row.resource)
        #expect(Self.finder.path(of: found.key) == row.shown)
    }

    @Test("a file is found as a file")
    func file() throws {
        guard case .found(let found) = Self.finder.find("/npm/left-pad/-/left-pad-1.0.0.tgz") else {
            Issue.record("nothing")
            return
        }
        #expect(found.resource.kind == .artifact)
    }

    @Test(
        "what nothing could be stored for is nothing",
        arguments: [
            "", "/", "/none/x", "/helm/acme/index.yaml", "/pypi/simple/-/", "/pypi/x/y/z", "/a b",
        ])
    func nothing(_ path: String) {
        guard case .nothing(let reason) = Self.finder.find(path) else {
            Issue.record("found")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("all labels, each once")
    func upstreams() {
        // What is made of several, `all`, is no upstream.
        #expect(Self.finder.upstreams == ["a", "b", "npm", "npm/@acme", "pypi", "pypi/more"])
    }

    @Test("what is made of several is asked for by asking for all of them")
    func asked() throws {
        guard case .found(let merged) = Self.finder.find("/all/doc/p"),
            case .found(let plain) = Self.finder.find("/npm/left-pad")
        else {
            Issue.record("nothing")
            return
        }
        #expect(merged.upstream == "all" && merged.asked.map(\.upstream) == ["a", "b"])
        #expect(!merged.asked.map(\.key).contains(merged.key))
        #expect(plain.asked.map(\.upstream) == ["npm"] && plain.asked.map(\.key) == [plain.key])
    }

    @Test("what belongs to no mount has no path")
    func elsewhere() {
        let key = CacheKey(.document("simple/foo/"), of: TestAdapter().identity)
        #expect(Self.finder.path(of: key) == nil)
    }
}
