import Ecosystems
import Foundation
import Helm
import Resources
import Testing

/// Entries that are carried over from an older index.
@Suite(.timeLimit(.minutes(5))) struct KeptEntryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var new: String
        var artifacts: Set<String> = ["a-1.tgz", "a-2.tgz", "b-1.tgz"]
        /// The files that the result names; nil where the new index stays as it is.
        let files: [String]?
    }

    private static let old = """
        apiVersion: v1
        entries:
          a:
          - {name: a, version: 2.0.0, appVersion: 1.10, urls: [a-2.tgz, "https://x.example/a"]}
          - {name: a, version: 1.0.0, digest: "", note: {x: [1, yes, ~]}, urls: [a-1.tgz]}
          b:
          - {name: b, version: "1", urls: ["https://charts.example/stable/b-1.tgz"]}
        """

    static let rows: [Row] = [
        .init(
            testDescription: "behind the chart's own, and charts that are gone behind all",
            new: "apiVersion: v1\nentries: {a: [{version: 3.0.0, urls: [a-3.tgz]}], "
                + "c: [{version: 1.0.0, urls: [c.tgz]}]}\n",
            files: ["a-3.tgz", "a-2.tgz", "a-1.tgz", "c.tgz", "b-1.tgz"]),
        .init(
            testDescription: "only what is asked for",
            new: "apiVersion: v1\nentries: {a: [{version: 3.0.0, urls: [a-3.tgz]}]}\n",
            artifacts: ["a-1.tgz"], files: ["a-3.tgz", "a-1.tgz"]),
        .init(
            testDescription: "nothing of the version that is there at another place",
            new: "apiVersion: v1\nentries: {a: [{version: 2.0.0, urls: [new/a-2.tgz]}]}\n",
            artifacts: ["a-2.tgz"], files: nil),
        .init(
            testDescription: "nothing that the old one has not",
            new: "apiVersion: v1\nentries: {a: []}\n", artifacts: ["z.tgz"], files: nil),
        .init(
            testDescription: "into an empty list",
            new: "apiVersion: v1\nentries: {a: []}\n", artifacts: ["a-1.tgz"],
            files: ["a-1.tgz"]),
        .init(
            testDescription: "into no list",
            new: "apiVersion: v1\nentries: {a: ~}\n", artifacts: ["a-1.tgz"], files: ["a-1.tgz"]),
        .init(
            testDescription: "into no entries", new: "apiVersion: v1\nentries:\ngenerated: x\n",
            files: ["a-2.tgz", "a-1.tgz", "b-1.tgz"]),
        .init(
            testDescription: "into an index without entries",
            new: "{\"apiVersion\":\"v1\",\"annotations\":{\"k\":\"v\"}}",
            files: ["a-2.tgz", "a-1.tgz", "b-1.tgz"]),
        .init(
            testDescription: "into one whose only entries cannot be served",
            new: "apiVersion: v1\nentries: {a: [{version: 1.0.0, urls: ['ftp://x.example/a']}]}\n",
            artifacts: ["a-1.tgz"], files: ["a-1.tgz"]),
    ]

    private func keeping() throws -> (adapter: HelmAdapter, keeper: any EntryKeeper) {
        try keeping(Sample.upstream())
    }

    private func keeping(
        _ upstream: HelmUpstream
    ) throws -> (adapter: HelmAdapter, keeper: any EntryKeeper) {
        let adapter = Sample.adapter(HelmUpstream(base: upstream.base, keepsPruned: true))
        return (adapter, try #require(adapter.keeper))
    }

    private func files(_ bytes: [UInt8], by adapter: HelmAdapter) throws -> [String] {
        let facts = try Sample.arrival(bytes, by: adapter).facts
        return facts.map(\.artifact).filter { !$0.hasSuffix(".prov") }
    }

    @Test(
        "old entries go where they belong, and the result may be the old one of the next",
        arguments: rows)
    func carried(_ row: Row) throws {
        let (adapter, keeper) = try keeping()
        let new = Array(row.new.utf8)
        let bytes = try keeper.carrying(row.artifacts, from: Array(Self.old.utf8), into: new)
        guard let expected = row.files else {
            #expect(bytes == new)
            return
        }
        #expect(try files(bytes, by: adapter) == expected)
        // The same upstream bytes and the same kept entries.
        #expect(try keeper.carrying(row.artifacts, from: bytes, into: new) == bytes)
        let served = String(decoding: try Sample.served(bytes, by: adapter).bytes, as: UTF8.self)
        #expect(!served.contains("://"))
    }

    @Test("an entry keeps its fields, its types and its further URLs")
    func fields() throws {
        let (_, keeper) = try keeping()
        let bytes = try keeper.carrying(
            ["a-1.tgz", "a-2.tgz"], from: Array(Self.old.utf8),
            into: Array("apiVersion: v1\nentries: {}\n".utf8))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"2.0.0","appVersion":"1.10","#
                + #""urls":["a-2.tgz","https://x.example/a"]},{"name":"a","version":"1.0.0","digest":"","#
                + #""note":{"x":[1,true,null]},"urls":["a-1.tgz"]}]}}"#)
    }

    @Test("without the setting there is nothing that keeps; bad versions are refused")
    func off() throws {
        #expect(Sample.adapter().keeper == nil)
        let (_, keeper) = try keeping()
        let good = Array(Self.old.utf8)
        #expect(throws: DocumentFault.self) {
            try keeper.carrying(["a-1.tgz"], from: Array("a: [".utf8), into: good)
        }
        #expect(throws: DocumentFault.self) {
            try keeper.carrying(["a-1.tgz"], from: good, into: Array("a: [".utf8))
        }
    }

    @Test("recorded indexes: all entries carried over are served as before", arguments: Fixture.all)
    func corpus(_ fixture: Fixture) throws {
        let (adapter, keeper) = try keeping(Sample.upstream(fixture.base))
        let old = try fixture.bytes()
        let before = try Sample.arrival(old, by: adapter).facts
        let bytes = try keeper.carrying(
            Set(before.map(\.artifact)), from: old,
            into: Array("apiVersion: v1\nentries: {}\n".utf8))
        #expect(try Sample.arrival(bytes, by: adapter).facts == before)
        let entries = try [old, bytes].map { bytes in
            let served = try Sample.served(bytes, by: adapter).bytes
            let value = try JSONSerialization.jsonObject(with: Foundation.Data(served))
            let index = try #require(value as? [String: Any])
            let charts = try #require(index["entries"] as? [String: [NSObject]])
            return charts.filter { !$0.value.isEmpty }
        }
        #expect(entries[0] == entries[1] && !entries[0].isEmpty)
    }
}
