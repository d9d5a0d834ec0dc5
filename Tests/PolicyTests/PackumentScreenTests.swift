import Ecosystems
import HTTPModel
import NPM
import Testing

/// What is left of a packument, and where its tags lead.
@Suite struct PackumentScreenTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let versions: [String]
        var deprecated: Set<String> = []
        let hidden: Set<String>
        let tags: [(String, String)]
        let kept: [String]
    }

    static let rows: [Row] = [
        .init(
            testDescription: "latest goes to the one before",
            versions: ["1.0.0", "1.1.0", "1.2.0"],
            hidden: ["1.2.0"], tags: [("latest", "1.2.0")], kept: ["\"latest\":\"1.1.0\""]),
        .init(
            testDescription: "a tag that is not hidden stays", versions: ["1.0.0", "1.1.0"],
            hidden: ["1.1.0"], tags: [("latest", "1.0.0")], kept: ["\"latest\":\"1.0.0\""]),
        .init(
            testDescription: "never above", versions: ["1.0.0", "1.1.0", "2.0.0"],
            hidden: ["1.1.0"], tags: [("latest", "1.1.0")], kept: ["\"latest\":\"1.0.0\""]),
        .init(
            testDescription: "a release for a release",
            versions: ["1.0.0", "1.1.0-rc.1", "1.1.0"], hidden: ["1.1.0"],
            tags: [("latest", "1.1.0")], kept: ["\"latest\":\"1.0.0\""]),
        .init(
            testDescription: "a prerelease for a prerelease",
            versions: ["1.0.0", "1.1.0-rc.1", "1.1.0-rc.2"], hidden: ["1.1.0-rc.2"],
            tags: [("latest", "1.0.0"), ("next", "1.1.0-rc.2")],
            kept: ["\"next\":\"1.1.0-rc.1\""]),
        .init(
            testDescription: "no other major number", versions: ["1.0.0", "2.0.0"],
            hidden: ["2.0.0"], tags: [("latest", "1.0.0"), ("v2", "2.0.0")],
            kept: ["{\"latest\":\"1.0.0\"}"]),
        .init(
            testDescription: "but for latest", versions: ["1.0.0", "2.0.0"], hidden: ["2.0.0"],
            tags: [("latest", "2.0.0")], kept: ["\"latest\":\"1.0.0\""]),
        .init(
            testDescription: "rather one that is not deprecated",
            versions: ["1.0.0", "1.1.0", "1.2.0"], deprecated: ["1.1.0"], hidden: ["1.2.0"],
            tags: [("latest", "1.2.0")], kept: ["\"latest\":\"1.0.0\""]),
        .init(
            testDescription: "latest is never without a version",
            versions: ["1.0.0", "2.0.0-rc.1"], hidden: ["1.0.0"], tags: [("latest", "1.0.0")],
            kept: ["\"latest\":\"2.0.0-rc.1\""]),
    ]

    @Test("tags lead to what is left", arguments: rows)
    func tags(_ row: Row) throws {
        let versions = row.versions.map { version in
            let more = row.deprecated.contains(version) ? "\"deprecated\":\"old\"" : ""
            return "\"\(version)\":{\(more)}"
        }
        let tags = row.tags.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",")
        let text =
            "{\"name\":\"n\",\"dist-tags\":{\(tags)},"
            + "\"versions\":{\(versions.joined(separator: ","))},\"x\": [1, 2]}"
        let screened = try Self.screened(text) { row.hidden.contains($0) ? .hidden : .shown }
        let result = try #require(screened)
        for kept in row.kept { #expect(result.contains(kept), "\(result)") }
        for version in row.hidden { #expect(!result.contains("\"\(version)\":{")) }
        #expect(result.contains("\"x\":[1, 2]"))
    }

    @Test("what is blocked is not there, and npm is told why")
    func marked() throws {
        let text = """
            {"name":"n","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{},"2.0.0":{}},\
            "policyRestrictions":{"versions":{"1.0.0":{}}}}
            """
        let result = try Self.screened(text) { $0 == "2.0.0" ? .marked("no \"good\"") : .shown }
        #expect(result?.contains("\"versions\":{\"1.0.0\":{}}") == true)
        #expect(
            result?.hasSuffix(
                #""policyRestrictions":{"versions":{"2.0.0":{"version":"2.0.0"}},"#
                    + #""message":"no \"good\""}}"#) == true)
    }

    @Test("nothing left is no document; nothing hidden is the same bytes")
    func ends() throws {
        let text = #"{"name":"n", "versions":{"1.0.0":{}} }"#
        #expect(try Self.screened(text) { _ in .hidden } == nil)
        #expect(try Self.screened(text) { _ in .shown } == text)
    }

    private static func screened(
        _ text: String, _ judge: (String) -> ReleaseVerdict
    ) throws -> String? {
        let url = try #require(AbsoluteURL("https://registry.example/n"))
        let registry = try #require(AbsoluteURL("https://registry.example/"))
        let upstream = try #require(NPMUpstream(registry: registry))
        let adapter = NPMAdapter(mount: ["npm"], upstream: upstream)
        let document = UpstreamDocument(
            name: "n", contentType: "application/json", url: url, bytes: Array(text.utf8))
        return try adapter.screened(document) { judge($0.version ?? "") }
            .map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}
