import Ecosystems
import HTTPModel
import Helm
import Resources
import Testing

@Suite struct MergedIndexTests {
    /// A repository's name, and its index.
    typealias Member = (name: String, text: String)

    static func adapter(_ names: [String]) -> HelmMergingAdapter {
        HelmMergingAdapter(
            mount: ["helm"],
            repositories: names.map { name in
                HelmAdapter(
                    mount: ["helm", name],
                    upstream: Sample.upstream("https://\(name).example/charts"))
            })
    }

    /// The merged index in JSON, of members in their order.
    static func merged(
        _ members: Member...
    ) throws -> (text: String, summary: DocumentSummary) {
        let adapter = adapter(members.map(\.name))
        var merger = adapter.merger(ofDocument: "index.yaml")
        var output: [UInt8] = []
        for (member, document) in zip(members, adapter.members(ofDocument: "index.yaml")) {
            try merger.take(Array(member.text.utf8), of: document, into: &output)
        }
        let summary = try merger.finish(into: &output)
        return (String(decoding: output, as: UTF8.self), summary)
    }

    /// What clients get of a merged index, fed byte by byte.
    static func served(
        _ text: String, as form: IndexForm
    ) throws -> (text: String, head: RenderedHead) {
        let url = try #require(AbsoluteURL("http://larder.invalid/"))
        let head = DocumentHead(name: "index.yaml", contentType: nil, url: url)
        var rewriter = adapter([]).rewriter(of: head, as: form.variant)
        var output: [UInt8] = []
        for byte in text.utf8 { try rewriter.take([byte], into: &output) }
        let served = try rewriter.finish(into: &output)
        return (String(decoding: output, as: UTF8.self), served)
    }

    static let first: Member = (
        "one",
        """
        apiVersion: v1
        annotations: {a: b}
        entries:
          a: [{version: 2.0.0, urls: [a-2.0.0.tgz]}, {version: 1.0.0, urls: [a-1.0.0.tgz]}]
          unservable: [{version: 1.0.0}]
          empty: []
        generated: "2024-01-01T10:00:00+02:00"
        """
    )
    static let second: Member = (
        "two",
        """
        apiVersion: v1
        entries:
          a: [{version: 3.0.0, urls: [a-3.0.0.tgz]}]
          b: [{version: 1.0.0, urls: ['https://files.example/b-1.0.0.tgz']}]
          unservable: [{version: 1.0.0, urls: [u-1.0.0.tgz]}]
        generated: "2024-01-01T09:00:00Z"
        """
    )

    @Test("the first repository that has a chart owns it, with all its versions")
    func owners() throws {
        let merged = try Self.merged(Self.first, Self.second)
        let expected =
            #"{"apiVersion":"v1","entries":{"#
            + #""a":[{"version":"2.0.0","urls":["one/a-2.0.0.tgz"]},"#
            + #"{"version":"1.0.0","urls":["one/a-1.0.0.tgz"]}],"#
            + #""b":[{"version":"1.0.0","urls":["two/-/files.example/b-1.0.0.tgz"]}]},"#
            + #""generated":"2024-01-01T09:00:00Z"}"#
        #expect(merged.text == expected)
        #expect(merged.summary.entryCount == 3)
        let note = DocumentNote(
            "charts that an earlier repository has were left out", count: 2)
        #expect(merged.summary.notes == [note])
    }

    @Test("the order of the repositories decides; the same members give the same bytes")
    func order() throws {
        let merged = try Self.merged(Self.second, Self.first)
        #expect(merged.text.contains(#""a":[{"version":"3.0.0","urls":["two/a-3.0.0.tgz"]}]"#))
        #expect(!merged.text.contains("one/a-"))
        #expect(merged.text.contains(#""generated":"2024-01-01T09:00:00Z""#))
        #expect(try Self.merged(Self.second, Self.first).text == merged.text)
        #expect(merged.summary.notes.map(\.count) == [2])
    }

    @Test("a chart with an empty list keeps its name: no later repository gets it")
    func emptyCharts() throws {
        let empty: Member = ("one", "apiVersion: v1\nentries: {c: [], d: []}\n")
        let full: Member = (
            "two",
            "apiVersion: v1\nentries: {d: [], c: [{version: 1, urls: [c-1.tgz]}], "
                + "e: [{version: 1, urls: [e-1.tgz]}]}\n"
        )
        let merged = try Self.merged(empty, full, ("three", empty.text))
        let expected =
            #"{"apiVersion":"v1","entries":{"e":[{"version":"1","urls":["two/e-1.tgz"]}]}}"#
        #expect(merged.text == expected)
        #expect(merged.summary.notes.map(\.count) == [4])
    }

    @Test("no members, and members without entries")
    func nothing() throws {
        let none = try Self.merged()
        #expect(none.text == #"{"apiVersion":"v1","entries":{}}"#)
        #expect(none.summary == DocumentSummary(entryCount: 0))
        let empty = "apiVersion: v1\n"
        let merged = try Self.merged(("one", empty), ("two", empty))
        #expect(
            try Self.served(merged.text, as: .yaml).text
                == "\"apiVersion\": \"v1\"\n\"entries\": {}\n")
    }

    @Test("a member that is no index is a fault, as is one of a repository that is none of these")
    func faults() throws {
        #expect(throws: DocumentFault.self) { try Self.merged(Self.first, ("two", "<html>")) }
        var merger = Self.adapter(["one"]).merger(ofDocument: "index.yaml")
        let stranger = Self.adapter(["two"]).members(ofDocument: "index.yaml")[0]
        var output: [UInt8] = []
        let text = Array(Self.first.text.utf8)
        #expect(throws: DocumentFault.self) { try merger.take(text, of: stranger, into: &output) }
    }

    @Test("clients get the merged bytes as they are, or as YAML; the newest time is Last-Modified")
    func forms() throws {
        let merged = try Self.merged(Self.first, Self.second).text
        let json = try Self.served(merged, as: .json)
        #expect(json.text == merged)
        #expect(
            json.head == RenderedHead(contentType: "application/json", lastModified: 1_704_099_600))
        let yaml = try Self.served(merged, as: .yaml)
        #expect(yaml.text.hasPrefix("\"apiVersion\": \"v1\"\n"))
        #expect(
            yaml.head == RenderedHead(contentType: "application/yaml", lastModified: 1_704_099_600))
        let timeless = #"{"apiVersion":"v1","entries":{"generated":[{"version":"1"}]}}"#
        #expect(try Self.served(timeless, as: .json).head.lastModified == nil)
    }

    @Test("another configuration is another document")
    func identity() {
        let identities = [["one", "two"], ["two", "one"], ["one"], ["one", "three"]].map {
            Self.adapter($0).identity
        }
        #expect(Set(identities).count == 4)
        #expect(Self.adapter(["one", "two"]).identity == identities[0])
        #expect(identities.allSatisfy { $0.name == "helm" && !$0.location.contains(" ") })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let isClaimed: Bool
        var testDescription: String { path }
    }

    @Test(
        "the page and the index are claimed, and nothing of the repositories'",
        arguments: [
            Row(path: "/helm", isClaimed: true), Row(path: "/helm/", isClaimed: true),
            Row(path: "/helm/index.yaml", isClaimed: true),
            Row(path: "/helm/index.yaml?format=yaml", isClaimed: true),
            Row(path: "/helm/index.yaml/", isClaimed: false),
            Row(path: "/helm/one", isClaimed: false), Row(path: "/helm/one/", isClaimed: false),
            Row(path: "/helm/one/index.yaml", isClaimed: false),
            Row(path: "/helm/a-1.0.0.tgz", isClaimed: false),
            Row(path: "/", isClaimed: false), Row(path: "/helmet", isClaimed: false),
        ])
    func claims(_ row: Row) throws {
        let target = try RequestTarget(row.path.utf8)
        #expect(Self.adapter(["one"]).claims(target, at: ["helm"]) == row.isClaimed)
    }

    @Test("routes: the page names all repositories, the index has both forms")
    func routes() throws {
        let adapter = Self.adapter(["one", "two"])
        let base = try #require(AbsoluteURL("https://cache.example/prefix/"))
        func route(_ path: String, _ method: Method = .get) throws -> Route {
            let target = try RequestTarget(path.utf8)
            return adapter.route(
                RequestHead(method: method, target: target), base: PublicBase(base))
        }
        guard case .here(let page) = try route("/helm/") else {
            Issue.record("no page")
            return
        }
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(text.contains("helm repo add all https://cache.example/prefix/helm\n"))
        #expect(text.contains("helm repo add two https://cache.example/prefix/helm/two\n"))
        for form in IndexForm.allCases {
            let expected = Route.document(name: "index.yaml", variant: form.variant)
            let found = try route("/helm/index.yaml?format=\(form.rawValue)", .head)
            #expect(found == expected)
        }
        guard case .refused(let unknown) = try route("/helm/index.yaml?format=xml"),
            case .refused(let writing) = try route("/helm/index.yaml", .post)
        else {
            Issue.record("not refused")
            return
        }
        #expect(unknown.status == 406 && writing.status == 405)
    }
}
