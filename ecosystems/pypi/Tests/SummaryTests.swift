import Ecosystems
import HTTPModel
import PyPI
import Testing

/// What tells the versions of a document apart.
@Suite struct SummaryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let document: UpstreamDocument
        var summary = DocumentSummary()
    }

    private static let file = #"{"filename":"x-1.tar.gz","url":"x-1.tar.gz","hashes":{}}"#
    private static let link = #"<a href="x-1.tar.gz">x-1.tar.gz</a>"#
    private static let version =
        #"<meta name="pypi:repository-version" content="1.4">"#

    private static func page(
        _ meta: String = "", _ more: String = "", files: String = file
    )
        -> UpstreamDocument
    {
        Sample.json(
            #"{"meta":{"api-version":"1.4"\#(meta)},"name":"x",\#(more)"files":[\#(files)]}"#)
    }

    private static func document(
        _ name: String, _ text: String, type: String = "application/json",
        fields: Headers = Headers()
    ) -> UpstreamDocument {
        UpstreamDocument(
            DocumentHead(
                name: name, contentType: type, url: Sample.upstream.simple, fields: fields),
            bytes: Array(text.utf8))
    }

    private static let sent = Headers([("X-PyPI-Last-Serial", "9")])

    static let rows: [Row] = [
        Row(testDescription: "a page", document: page(), summary: .init(entryCount: 1)),
        Row(
            testDescription: "its serial", document: page(#","_last-serial":123"#),
            summary: .init(entryCount: 1, serial: 123)),
        Row(
            testDescription: "a serial that is none", document: page(#","_last-serial":"1""#),
            summary: .init(entryCount: 1)),
        Row(
            testDescription: "a serial that is none of ours",
            document: page(#","_last-serial":-1"#), summary: .init(entryCount: 1)),
        Row(
            testDescription: "HTML", document: Sample.html(link + link + "<!--SERIAL 12-->\n"),
            summary: .init(entryCount: 2, serial: 12)),
        Row(
            testDescription: "HTML with a serial elsewhere",
            document: Sample.html("<!--SERIAL 12-->" + link), summary: .init(entryCount: 1)),
        Row(
            testDescription: "HTML with an endless serial",
            document: Sample.html(link + "<!--SERIAL \(String(repeating: "1", count: 40))-->"),
            summary: .init(entryCount: 1)),
        Row(
            testDescription: "the field alone",
            document: document("simple/x/", version + link, type: "text/html", fields: sent),
            summary: .init(entryCount: 1, serial: 9)),
        Row(
            testDescription: "the document's own before the field",
            document: document(
                "simple/x/", version + link + "<!--SERIAL 8-->", type: "text/html", fields: sent),
            summary: .init(entryCount: 1, serial: 8)),
        Row(
            testDescription: "quarantined",
            document: page("", #""project-status":{"status":"quarantined"},"#, files: ""),
            summary: .init(entryCount: 0, isTakedown: true)),
        Row(
            testDescription: "quarantined, HTML",
            document: Sample.html(
                version + #"<meta name="pypi:project-status" content="quarantined">"#),
            summary: .init(entryCount: 0, isTakedown: true)),
        Row(
            testDescription: "archived",
            document: page("", #""project-status":{"status":"archived"},"#),
            summary: .init(entryCount: 1)),
        Row(
            testDescription: "the JSON API",
            document: document("pypi/x/json", #"{"info":{},"last_serial":7}"#),
            summary: .init(serial: 7)),
        Row(
            testDescription: "provenance, which never changes",
            document: document(
                "integrity/x/1/x-1.tar.gz/provenance", #"{"attestation_bundles":[]}"#, fields: sent)
        ),
        Row(
            testDescription: "the list of projects",
            document: document(
                "simple/",
                #"{"meta":{"_last-serial":5,"api-version":"1.0"},"projects":[{"name":"a"}]}"#),
            summary: .init(entryCount: 1, serial: 5)),
        Row(
            testDescription: "the list of projects, HTML",
            document: document(
                "simple/", #"<a href="a/">a</a><a href="b/">b</a><!--SERIAL 6-->"#,
                type: "text/html"),
            summary: .init(entryCount: 2, serial: 6)),
    ]

    @Test("counts, serials and takedowns", arguments: rows)
    func summary(_ row: Row) throws {
        var intake = Sample.adapter.intake(of: row.document.head)
        try intake.take(row.document.bytes)
        _ = try intake.finish()
        #expect(intake.summary == row.summary)
    }

    @Test("both forms of recorded pages count the same files and have the same serial")
    func recorded() throws {
        for (name, project) in [("numpy_simple", "numpy"), ("xo-gd_simple", "xo-gd")] {
            let suffix = project == "numpy" ? ".gz" : ""
            let both = try ["json", "html"].map { form in
                let path = "micropip/\(name).\(form)\(suffix)"
                let document = try Fixture(path: path, project: project).document()
                return try Sample.adapter.contents(of: document).summary
            }
            #expect(both[0] == both[1])
            #expect(both[0].serial ?? 0 > 11_000_000 && both[0].entryCount ?? 0 > 0)
        }
    }

    @Test("a quarantined page is no absent project where an empty page means that")
    func emptyMeansAbsent() throws {
        let upstream = try #require(
            PyPIUpstream(simple: Sample.upstream.simple, files: nil, empty: .absent))
        let adapter = PyPIAdapter(mount: ["pypi"], upstream: upstream)
        let status = #""project-status":{"status":"quarantined"},"#
        let contents = try adapter.contents(of: Self.page("", status, files: ""))
        #expect(contents.summary.isTakedown && contents.facts.isEmpty)
        #expect(throws: DocumentFault.absent) {
            try adapter.contents(of: Self.page("", "", files: ""))
        }
    }
}
