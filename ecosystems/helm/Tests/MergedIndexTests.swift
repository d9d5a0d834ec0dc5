import Ecosystems
import Helm
import Testing

@Suite struct MergedIndexTests {
    static func member(_ name: String, _ text: String) -> MergedIndex.Member {
        MergedIndex.Member(
            name: name, upstream: Sample.upstream("https://\(name).example/charts"),
            bytes: Array(text.utf8))
    }

    static let first = member(
        "one",
        """
        apiVersion: v1
        annotations: {a: b}
        entries:
          a: [{version: 2.0.0, urls: [a-2.0.0.tgz]}, {version: 1.0.0, urls: [a-1.0.0.tgz]}]
          unservable: [{version: 1.0.0}]
          empty: []
        generated: "2024-01-01T10:00:00+02:00"
        """)
    static let second = member(
        "two",
        """
        apiVersion: v1
        entries:
          a: [{version: 3.0.0, urls: [a-3.0.0.tgz]}]
          b: [{version: 1.0.0, urls: ['https://files.example/b-1.0.0.tgz']}]
          unservable: [{version: 1.0.0, urls: [u-1.0.0.tgz]}]
        generated: "2024-01-01T09:00:00Z"
        """)

    @Test("the first repository that has a chart owns it, with all its versions")
    func owners() throws {
        let merged = try MergedIndex([Self.first, Self.second])
        let expected =
            #"{"apiVersion":"v1","entries":{"#
            + #""a":[{"version":"2.0.0","urls":["one/a-2.0.0.tgz"]},"#
            + #"{"version":"1.0.0","urls":["one/a-1.0.0.tgz"]}],"#
            + #""b":[{"version":"1.0.0","urls":["two/-/files.example/b-1.0.0.tgz"]}],"#
            + #""unservable":[{"version":"1.0.0","urls":["two/u-1.0.0.tgz"]}]},"#
            + #""generated":"2024-01-01T09:00:00Z"}"#
        #expect(String(decoding: merged.bytes, as: UTF8.self) == expected)
        #expect(merged.entryCount == 4)
        #expect(merged.hidden.map(\.chart) == ["a"])
        #expect(merged.hidden.map(\.member) == ["two"])
    }

    @Test("the order of the repositories decides; the same members give the same bytes")
    func order() throws {
        let merged = try MergedIndex([Self.second, Self.first])
        let text = String(decoding: merged.bytes, as: UTF8.self)
        #expect(text.contains(#""a":[{"version":"3.0.0","urls":["two/a-3.0.0.tgz"]}]"#))
        #expect(!text.contains("one/a-"))
        #expect(text.contains(#""generated":"2024-01-01T09:00:00Z""#))
        #expect(try MergedIndex([Self.second, Self.first]).bytes == merged.bytes)
        #expect(merged.hidden.map(\.chart) == ["a", "unservable"])
    }

    @Test("an empty chart is nobody's, so the next repository may have it")
    func emptyCharts() throws {
        let empty = Self.member("one", "apiVersion: v1\nentries: {c: [], d: []}\n")
        let full = Self.member(
            "two", "apiVersion: v1\nentries: {d: [], c: [{version: 1, urls: [c-1.tgz]}]}\n")
        let merged = try MergedIndex([empty, full, empty])
        let text = String(decoding: merged.bytes, as: UTF8.self)
        let expected =
            #"{"apiVersion":"v1","entries":{"c":[{"version":"1","urls":["two/c-1.tgz"]}]}}"#
        #expect(text == expected)
    }

    @Test("no members, and members without entries")
    func nothing() throws {
        let none = String(decoding: try MergedIndex([]).bytes, as: UTF8.self)
        #expect(none == #"{"apiVersion":"v1","entries":{}}"#)
        let empty = Self.member("one", "apiVersion: v1\n")
        #expect(
            String(decoding: try MergedIndex([empty, empty], as: .yaml).bytes, as: UTF8.self)
                == "\"apiVersion\": \"v1\"\n\"entries\": {}\n")
    }
}
