import Digests
import Ecosystems
import HTTPModel
import NPM
import Resources
import Testing

/// What documents say of files, and which documents are none.
@Suite struct IntakeTests {
    static let shasum = NameTests.shasum
    static let empty: [UInt8] = []

    /// A version with a URL and something to check its bytes against.
    private static func version(_ version: String, _ url: String) -> String {
        #""\#(version)":{"dist":{"tarball":"\#(url)","shasum":"\#(shasum)"}}"#
    }

    private func facts(_ versions: String, more: String = "") throws -> [FileFact] {
        try Sample.adapter.facts(Sample.packument(versions, more: more), of: "p")
    }

    @Test("each version's file has a fact: name, URL, digests, version, time")
    func fact() throws {
        let text =
            #""1.0.0":{"dist":{"integrity":"\#(NameTests.sha512)","shasum":"\#(Self.shasum)","#
            + #""tarball":"https:\/\/registry.example/p/-/p-1.0.0.tgz?q=1#f","x":{"tarball":"y"}}}"#
        let bytes = Sample.packument(text, more: #""time":{"1.0.0":"2020-10-10T12:34:56.789Z"},"#)
        let whole = try Sample.adapter.facts(bytes, of: "p")
        let fact = try #require(whole.first)
        #expect(whole.count == 1)
        #expect(fact.artifact == "p/-/p-1.0.0.tgz")
        #expect(fact.url.description == "https://registry.example/p/-/p-1.0.0.tgz?q=1")
        #expect(try fact.digests == [Digest.of(Self.empty.span, .sha512)])
        #expect(fact.version == "1.0.0" && fact.publishedAt == 1_602_333_296)
        for pieces in Sample.cuts(of: bytes) + [bytes.map { [$0] }] {
            #expect(try Sample.adapter.facts(pieces, of: "p") == whole)
        }
    }

    @Test(
        "where a tarball is",
        arguments: [
            ("http://registry.example/p/-/p-1.tgz", "https://registry.example/p/-/p-1.tgz"),
            ("http://registry.example:8080/p-1.tgz", "http://registry.example:8080/p-1.tgz"),
            ("http://files.example/p-1.tgz", "http://files.example/p-1.tgz"),
            ("https://files.example/x/p-1.tgz", "https://files.example/x/p-1.tgz"),
            ("/x/p-1.tgz", "https://registry.example/x/p-1.tgz"),
            ("p-1.tgz", "https://registry.example/p-1.tgz"),
        ])
    func places(_ text: String, _ url: String) throws {
        let fact = try #require(try facts(Self.version("1", text)).first)
        #expect(fact.url.description == url)
        #expect(fact.artifact == "p/-/p-1.tgz")
    }

    @Test("a URL without a file's name gets the conventional one")
    func unnamed() throws {
        let versions = [
            Self.version("1.0.0", "https://a.example/download/p/1.0.0/0123abcd"),
            Self.version("2.0.0+build.5", "https://a.example/download/p/2.0.0/4567cdef"),
        ]
        let facts = try facts(versions.joined(separator: ","))
        #expect(facts.map(\.artifact) == ["p/-/p-1.0.0.tgz", "p/-/p-2.0.0.tgz"])
        #expect(
            facts.map(\.url.path) == ["/download/p/1.0.0/0123abcd", "/download/p/2.0.0/4567cdef"])
    }

    @Test("two versions with one file's name: neither is served")
    func ambiguous() throws {
        let versions = [
            Self.version("1.0.0", "https://a.example/a/p-1.tgz"),
            Self.version("1.0.1", "https://a.example/b/p-1.tgz"),
            Self.version("1.0.2", "https://a.example/b/p-2.tgz"),
            Self.version("2.0.0+a", "https://a.example/x"),
            Self.version("2.0.0+b", "https://a.example/y"),
        ]
        #expect(try facts(versions.joined(separator: ",")).map(\.version) == ["1.0.2"])
    }

    @Test(
        "M-7: a version without what is needed has no fact",
        arguments: [
            #""1":{}"#, #""1":{"dist":null}"#, #""1":{"dist":{"shasum":"\#(shasum)"}}"#,
            #""1":{"dist":{"tarball":"https://a.example/p-1.tgz"}}"#, #""1":null"#, #""1":[]"#,
            #""1":{"dist":{"tarball":7,"shasum":"\#(shasum)"}}"#, #""1":"x""#,
            #""1":{"dist":{"tarball":"ftp://a.example/p-1.tgz","shasum":"\#(shasum)"}}"#,
            #""1":{"dist":{"tarball":"https://u:p@a.example/p-1.tgz","shasum":"\#(shasum)"}}"#,
            #""1":{"dist":{"tarball":"https://a.example/p-1.tgz","shasum":"00"}}"#,
            #""1":{"dist":{"tarball":"https://a.example/p-1.tgz","integrity":"md5-AA=="}}"#,
        ])
    func nothing(_ versions: String) throws {
        #expect(try facts(versions).isEmpty)
        // The next version is not taken for this one.
        let both = try facts(versions + "," + Self.version("2", "https://a.example/p-2.tgz"))
        #expect(both.map(\.version) == ["2"])
    }

    @Test(
        "M-8: documents that are refused, those of other names among them",
        arguments: [
            "", "{}", "[]", "null", #""p""#, "<html>", #"{"name":"q"}"#, #"{"name":7}"#,
            #"{"error":"Not found"}"#, #"{"name":"p""#, #"{"name":"p","versions":[]}"#,
            #"{"name":"p","versions":null}"#, #"{"name":"p","versions":"x"}"#, #"{"name":"P"}"#,
            #"{"name":"p"}x"#, #"{"name":"p","name":"p"}"#,
            #"{"name":"p","versions":{},"versions":{}}"#,
            #"{"name":"p","versions":{"1":{},"1":{}}}"#,
            #"{"name":"p","versions":{"1":{},"\u0031":{}}}"#,
            #"{"name":"p","versions":{"1":{"dist":{},"dist":{}}}}"#,
            #"{"n\u0061me":"p","name":"p"}"#,
            #"{"name":"p","versions":{"1":{"dist":{"tarball":"a","tarball":"b"}}}}"#,
            #"{"name":"p","versions":{"1":{"dist":{"shasum":"a","shas\u0075m":"b"}}}}"#,
            #"{"name":"p","versions":{"1":{"dist":{"integrity":"a","integrity":"b"}}}}"#,
            #"{"name":"p","dist-tags":{"latest":"1","latest":"2"}}"#,
            #"{"name":"p","time":{},"time":{}}"#,
        ])
    func refused(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(bytes, of: "p") }
        #expect(throws: DocumentFault.self) {
            try Sample.adapter.facts(bytes.map { [$0] }, of: "p")
        }
    }

    @Test(
        "documents that are odd and good",
        arguments: [
            #"{"name":"p"}"#, #"{"name":"p","versions":{}}"#, #"{"name":"p","dist-tags":null}"#,
            #"{"name":"p","readme":"a","readme":"b"}"#, #"{"name":"p","time":{"unpublished":{}}}"#,
            #"{"name":"p","versions":{"1":{"scripts":{"a":"1","a":"2"}}}}"#,
            #"{"name":"p","versions":{"1":{"name":"q","version":"7"}}}"#,
        ])
    func odd(_ text: String) throws {
        #expect(try Sample.adapter.facts(Array(text.utf8), of: "p").isEmpty)
    }

    @Test("M-8: versions that differ in their build alone, and prereleases alone, each have a file")
    func twins() throws {
        let versions = ["1.0.0+a", "1.0.0+b", "2.0.0-rc.1"]
        let facts = try facts(
            versions.map { Self.version($0, "https://a.example/p-\($0).tgz") }
                .joined(separator: ","))
        #expect(facts.map(\.version) == versions)
        #expect(Set(facts.map(\.artifact)).count == 3)
    }

    @Test("a key of JavaScript's is a version like others")
    func prototype() throws {
        let versions = [
            Self.version("__proto__", "https://a.example/p-1.tgz"),
            Self.version("constructor", "https://a.example/p-2.tgz"),
        ]
        #expect(
            try facts(versions.joined(separator: ",")).map(\.version) == [
                "__proto__", "constructor",
            ])
    }

    @Test("a version's manifest names one file")
    func manifest() throws {
        let text =
            #"{"name":"@s/n","version":"1.0.0","dist":{"tarball":"#
            + #""https://registry.example/@s/n/-/n-1.0.0.tgz","integrity":"\#(NameTests.sha512)"}}"#
        let bytes = Array(text.utf8)
        let facts = try Sample.adapter.facts(bytes, of: "@s/n@1.0.0")
        #expect(facts.map(\.artifact) == ["@s/n/-/n-1.0.0.tgz"])
        #expect(facts.map(\.version) == ["1.0.0"])
        for name in ["@s/n@1.0.1", "@s/m@1.0.0"] {
            #expect(throws: DocumentFault.self) { try Sample.adapter.facts(bytes, of: name) }
        }
        #expect(throws: DocumentFault.self) {
            try Sample.adapter.facts(Array(#"{"error":"x"}"#.utf8), of: "@s/n@1.0.0")
        }
    }

    @Test("documents of services are JSON objects, and are copied")
    func services() throws {
        let bytes = try Fixture.attestations.bytes()
        let name = "-/npm/v1/attestations/sigstore@5.0.0"
        #expect(try Sample.adapter.facts(bytes, of: name, piece: 777).isEmpty)
        let copy = try Sample.adapter.rendering(bytes, of: name, as: .unchanged, base: nil)
        #expect(copy.text == bytes && copy.head.contentType == "application/json")
        for text in ["", "[]", "null", "{", #"{"error":"x"}"#, #"{"error":{}}"#] {
            #expect(throws: DocumentFault.self) {
                try Sample.adapter.facts(Array(text.utf8), of: "-/npm/v1/keys")
            }
        }
        #expect(throws: DocumentFault.self) {
            try Sample.adapter.rendering(bytes, of: name, as: .full)
        }
        #expect(throws: DocumentFault.self) {
            try Sample.adapter.rendering(bytes, of: "sigstore", as: .unchanged)
        }
    }

    @Test(
        "npm 2.14 point 15: recorded documents have a fact for each version that can be checked",
        arguments: [
            ("lodash.full", 114), ("sigstore.full", 40), ("rollup.full", 484),
            ("express.full", 264),
            ("grpc.full", 138), ("is-positive.full", 4), ("code-snippet", 0), ("webpack.js.org", 1),
            ("long-name", 2), ("JSON", 1), ("@types__node", 931), ("@typescript-eslint", 940),
        ])
    func recorded(_ file: String, _ count: Int) throws {
        let fixture = try Fixture.named(file)
        let facts = try Sample.adapter.facts(fixture.bytes(), of: fixture.package)
        #expect(facts.count == count)
        #expect(Set(facts.map(\.artifact)).count == count)
        #expect(facts.allSatisfy { $0.artifact.hasPrefix(fixture.package + "/-/") })
        #expect(facts.allSatisfy { !$0.digests.isEmpty && !$0.artifact.contains(" ") })
        if file.hasSuffix(".full") { #expect(facts.allSatisfy { $0.publishedAt != nil }) }
    }
}
