import Ecosystems
import NPM
import Testing

/// What tells the versions of a document apart.
@Suite struct SummaryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let document: String
        var name = "p"
        var summary = DocumentSummary()
    }

    private static func packument(_ versions: [String], _ more: String = "") -> String {
        let objects = versions.map { #""\#($0)":{}"# }
        return #"{"name":"p",\#(more)"versions":{\#(objects.joined(separator: ","))}}"#
    }

    static let rows: [Row] = [
        Row(
            testDescription: "versions", document: packument(["1.0.0", "1.1.0"]),
            summary: .init(entryCount: 2)),
        Row(
            testDescription: "the time of the last change",
            document: packument(
                ["1.0.0"], #""time":{"1.0.0":"x","modified":"2020-10-10T12:34:56.789Z"},"#),
            summary: .init(entryCount: 1, modifiedAt: 1_602_333_296)),
        Row(
            testDescription: "a time that is none",
            document: packument(["1.0.0"], #""time":{"modified":"soon"},"#),
            summary: .init(entryCount: 1)),
        Row(
            testDescription: "unpublished", document: #"{"name":"p","time":{"unpublished":{}}}"#,
            summary: .init(entryCount: 0)),
        Row(
            testDescription: "a placeholder", document: packument(["0.0.1-security"]),
            summary: .init(entryCount: 1, isTakedown: true)),
        Row(
            testDescription: "two placeholders",
            document: packument(["0.0.1-security.0", "0.0.1-security"]),
            summary: .init(entryCount: 2, isTakedown: true)),
        Row(
            testDescription: "a placeholder beside a version",
            document: packument(["0.0.1-security", "1.0.0"]), summary: .init(entryCount: 2)),
        Row(
            testDescription: "a version that only begins so",
            document: packument(["0.0.1-securityfix"]), summary: .init(entryCount: 1)),
        Row(
            testDescription: "one version's manifest says nothing of the package",
            document: #"{"name":"p","version":"0.0.1-security"}"#, name: "p@0.0.1-security"),
        Row(
            testDescription: "a search says nothing of another one",
            document: #"{"objects":[],"time":"x"}"#, name: "-/v1/search?text=p"),
    ]

    @Test("counts, times and takedowns", arguments: rows)
    func summary(_ row: Row) throws {
        for piece in [1, 65_536] {
            #expect(try Self.summary(Array(row.document.utf8), of: row.name, piece) == row.summary)
        }
    }

    private static func summary(
        _ bytes: [UInt8], of name: String, _ piece: Int = 65_536
    ) throws -> DocumentSummary {
        let adapter = Sample.adapter
        var intake = adapter.intake(of: Sample.head(name, adapter.upstream.registry))
        for piece in Sample.pieces(of: bytes, piece) { try intake.take(piece) }
        _ = try intake.finish()
        return intake.summary
    }

    @Test("recorded documents: one is a takedown, the times are those of their last changes")
    func recorded() throws {
        let takedowns = try Fixture.packuments.filter { fixture in
            try Self.summary(fixture.bytes(), of: fixture.package).isTakedown
        }
        #expect(takedowns.map(\.package) == ["webpack.js.org"])
        let express = try #require(
            Fixture.packuments.first { $0.package == "express" && $0.file.contains("full") })
        let summary = try Self.summary(express.bytes(), of: "express")
        #expect(summary == DocumentSummary(entryCount: 264, modifiedAt: 1_604_630_790))
    }
}
