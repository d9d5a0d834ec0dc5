import Ecosystems
import PyPI
import Testing

/// Orders and ranges of versions.
@Suite struct VersionTests {
    static let python = [
        "1.0.dev1", "1.0a1.dev1", "1.0a1", "1.0a2", "1.0b1", "1.0rc1", "1.0", "1.0+abc", "1.0+5",
        "1.0.post1.dev2", "1.0.post1", "1.0.1", "1.1", "1.10", "2!0.1",
    ]

    static let semantic = [
        "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0", "v2.0.0",
    ]

    @Test("versions are in their order, each before all that follow")
    func order() {
        for (versions, scheme) in [
            (Self.python, PythonVersions() as any VersionScheme),
            (Self.semantic, SemanticVersions(isDated: true)),
        ] {
            for (index, one) in versions.enumerated() {
                #expect(scheme.isLess(one, than: one) == false, "\(one)")
                for other in versions[(index + 1)...] {
                    #expect(scheme.isLess(one, than: other) == true, "\(one) < \(other)")
                    #expect(scheme.isLess(other, than: one) == false, "\(other) < \(one)")
                    #expect(scheme.canonical(version: one) != scheme.canonical(version: other))
                }
            }
        }
    }

    @Test(
        "one version has many spellings",
        arguments: [
            ("1.0", "1.0.0"), ("1.0a1", "1.0-alpha.1"), ("1.0-1", "1.0.post1"), ("v1.0", "1.0"),
            ("1.0RC1", "1.0c1"), ("1.0.dev", "1.0.dev0"),
        ])
    func spelling(_ one: String, _ other: String) {
        let scheme = PythonVersions()
        #expect(scheme.canonical(version: one) == scheme.canonical(version: other))
        #expect(scheme.isLess(one, than: other) == false)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let range: String
        let inside: [String]
        let outside: [String]
        var unknown: [String] = []
        var testDescription: String { range }
    }

    static let pythonRanges: [Row] = [
        .init(
            range: ">=1.2,<2", inside: ["1.2", "1.9.9", "2.0a1"], outside: ["1.1.9", "2.0"],
            unknown: ["", "1.x", "1.5-final-2", "1.99999999999999999999"]),
        .init(range: "==1.2", inside: ["1.2.0", "1.2+local"], outside: ["1.2.1", "1.2.post1"]),
        .init(range: "==1.2.*", inside: ["1.2", "1.2.9"], outside: ["1.3", "1.20"]),
        .init(range: "!=1.2.*", inside: ["1.3"], outside: ["1.2.1"]),
        .init(range: "~=1.4.2", inside: ["1.4.2", "1.4.9"], outside: ["1.5", "1.4.1"]),
        .init(range: "~=1.4", inside: ["1.9"], outside: ["2.0"]),
        .init(range: "!=1.2", inside: ["1.3"], outside: ["1.2"], unknown: ["weird"]),
        .init(range: "===1.0rc1", inside: ["1.0RC1"], outside: ["1.0-rc1", "weird"]),
        .init(range: "===Weird", inside: ["weird"], outside: ["1.0"]),
        .init(range: "===weird,>1", inside: [], outside: ["1.0"], unknown: ["weird"]),
        .init(range: ">1.0", inside: ["1.1"], outside: ["1.0", "1.0+local"]),
        .init(range: "", inside: ["1"], outside: [], unknown: ["weird"]),
    ]

    static let semanticRanges: [Row] = [
        .init(
            range: "^1.2.3", inside: ["1.2.3", "1.9.0"], outside: ["1.2.2", "2.0.0", "2.0.0-a"],
            unknown: ["", "1.3", "1.3.0-", "1.3.0.1", "1.18446744073709551616.0"]),
        .init(range: "^0.2.3", inside: ["0.2.9"], outside: ["0.3.0"]),
        .init(range: "^0.0.3", inside: ["0.0.3"], outside: ["0.0.4"]),
        .init(range: "~1.2", inside: ["1.2.9"], outside: ["1.3.0"]),
        .init(range: "1.x", inside: ["1.0.0", "1.99.0"], outside: ["2.0.0", "0.9.0"]),
        .init(range: "*", inside: ["0.0.1", "1.0.0-a"], outside: []),
        .init(range: "1.2.3 - 2.3", inside: ["1.2.3", "2.3.9"], outside: ["2.4.0", "1.2.2"]),
        .init(range: "<1.0.0 || >=2.0.0", inside: ["0.9.0", "2.0.0"], outside: ["1.5.0"]),
        .init(range: ">= 1.0.0 < 1.5", inside: ["1.4.9"], outside: ["1.5.0", "0.9.0"]),
        .init(range: ">=1.0.0, <2.0.0", inside: ["1.4.9"], outside: ["2.0.0"]),
        .init(range: ">1.2", inside: ["1.3.0"], outside: ["1.2.9"]),
        .init(range: "<=1.2", inside: ["1.2.9"], outside: ["1.3.0"]),
        .init(range: "=1.2.3", inside: ["v1.2.3", "1.2.3+build"], outside: ["1.2.4"]),
        .init(range: "5.6.1", inside: ["5.6.1"], outside: ["5.6.2"]),
    ]

    @Test("PEP 440's specifiers", arguments: pythonRanges)
    func pythonRange(_ row: Row) throws { try check(row, PythonVersions()) }

    @Test("ranges of npm and Helm", arguments: semanticRanges)
    func semanticRange(_ row: Row) throws { try check(row, SemanticVersions(isDated: true)) }

    private func check(_ row: Row, _ scheme: any VersionScheme) throws {
        let range = try #require(scheme.range(row.range))
        for (versions, verdict) in [
            (row.inside, true), (row.outside, false), (row.unknown, nil as Bool?),
        ] {
            for version in versions { #expect(range(version) == verdict, "\(version)") }
        }
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "1.2.3.4", ">>1", "^", "1.2.3 -", "latest", "1..2", "<",
        ])
    func noRange(_ text: String) {
        #expect(SemanticVersions(isDated: true).range(text) == nil)
    }
}
