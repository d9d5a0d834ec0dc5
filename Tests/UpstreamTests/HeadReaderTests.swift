import Backends
import HTTPModel
import Testing
import Upstream

@Suite struct HeadReaderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lines: [String]
        var framing: ResponseHead.Framing?
        var error: UpstreamError?
    }

    static let rows: [Row] = [
        Row(
            testDescription: "length", lines: ["HTTP/1.1 200 OK", "Content-Length: 5"],
            framing: .length(5)),
        Row(
            testDescription: "no reason", lines: ["HTTP/1.1 200", "Content-Length: 0"],
            framing: .length(0)),
        Row(
            testDescription: "chunked", lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: Chunked"],
            framing: .marked),
        Row(testDescription: "HTTP/2 without length", lines: ["HTTP/2 200 "], framing: .marked),
        Row(
            testDescription: "HTTP/2 with length", lines: ["HTTP/2 200 ", "content-length: 7"],
            framing: .length(7)),
        Row(testDescription: "neither", lines: ["HTTP/1.1 200 OK"], framing: .close),
        Row(testDescription: "HTTP/1.0", lines: ["HTTP/1.0 200 OK"], framing: .close),
        Row(
            testDescription: "304 names another's length",
            lines: ["HTTP/1.1 304 X", "Content-Length: 9"], framing: ResponseHead.Framing.none),
        Row(testDescription: "204", lines: ["HTTP/1.1 204 X"], framing: ResponseHead.Framing.none),
        Row(
            testDescription: "after informational ones",
            lines: [
                "HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Hints", "Link: <x>", "",
                "HTTP/1.1 200 OK", "Content-Length: 1",
            ],
            framing: .length(1)),
        Row(testDescription: "101", lines: ["HTTP/1.1 101 Switching"], error: .malformed),
        Row(testDescription: "status of two digits", lines: ["HTTP/1.1 20 OK"], error: .malformed),
        Row(
            testDescription: "status of four digits", lines: ["HTTP/1.1 2000 OK"], error: .malformed
        ),
        Row(testDescription: "status 600", lines: ["HTTP/1.1 600 OK"], error: .malformed),
        Row(testDescription: "status 099", lines: ["HTTP/1.1 099 OK"], error: .malformed),
        Row(testDescription: "version 1.2", lines: ["HTTP/1.2 200 OK"], error: .malformed),
        Row(testDescription: "not HTTP", lines: ["ICY 200 OK"], error: .malformed),
        Row(
            testDescription: "folded line", lines: ["HTTP/1.1 200 OK", "A: b", " c"],
            error: .malformed),
        Row(testDescription: "no colon", lines: ["HTTP/1.1 200 OK", "abc"], error: .malformed),
        Row(testDescription: "no name", lines: ["HTTP/1.1 200 OK", ": x"], error: .malformed),
        Row(
            testDescription: "space before colon",
            lines: ["HTTP/1.1 200 OK", "Content-Length : 5"], error: .malformed),
        Row(
            testDescription: "NUL in a value", lines: ["HTTP/1.1 200 OK", "A: b\0c"],
            error: .malformed),
        Row(
            testDescription: "bare CR in a value", lines: ["HTTP/1.1 200 OK", "A: b\rc"],
            error: .malformed),
        Row(
            testDescription: "two lengths",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"], error: .malformed),
        Row(
            testDescription: "a list of lengths",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 5, 5"], error: .malformed),
        Row(
            testDescription: "signed length", lines: ["HTTP/1.1 200 OK", "Content-Length: +5"],
            error: .malformed),
        Row(
            testDescription: "negative length", lines: ["HTTP/1.1 200 OK", "Content-Length: -1"],
            error: .malformed),
        Row(
            testDescription: "hexadecimal length",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 0x5"], error: .malformed),
        Row(
            testDescription: "empty length", lines: ["HTTP/1.1 200 OK", "Content-Length:"],
            error: .malformed),
        Row(
            testDescription: "length past 64 bits",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 99999999999999999999"], error: .malformed),
        Row(
            testDescription: "length and chunked",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"],
            error: .malformed),
        Row(
            testDescription: "transfer coding gzip",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"], error: .malformed),
        Row(
            testDescription: "two transfer codings",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            error: .malformed),
        Row(
            testDescription: "HTTP/1.0 and chunked",
            lines: ["HTTP/1.0 200 OK", "Transfer-Encoding: chunked"], error: .malformed),
        Row(
            testDescription: "HTTP/2 and chunked",
            lines: ["HTTP/2 200", "Transfer-Encoding: chunked"], error: .malformed),
        Row(
            testDescription: "too many fields",
            lines: ["HTTP/1.1 200 OK"] + (0...10).map { "A: \($0)" }, error: .tooLarge),
        Row(
            testDescription: "too many bytes",
            lines: ["HTTP/1.1 200 OK", "A: " + String(repeating: "b", count: 1_000)],
            error: .tooLarge),
        Row(
            testDescription: "too many informational ones",
            lines: (0...HeadReader.informationalLimit).flatMap { _ in ["HTTP/1.1 100 C", ""] },
            error: .tooLarge),
    ]

    @Test("response heads, RFC 9112 sections 4, 5 and 6.3", arguments: rows)
    func reads(_ row: Row) {
        var reader = HeadReader(byteLimit: 1_000, fieldLimit: 10)
        var step = HeadReader.Step.more
        for line in row.lines + [""] where step == .more {
            step = reader.take(Array((line + "\r\n").utf8))
        }
        switch step {
        case .more: Issue.record("no verdict")
        case .complete(let head): #expect(head.framing == row.framing)
        case .refused(let error): #expect(error == row.error)
        }
    }

    @Test func keepsFieldsInOrderWithLowerCaseNames() {
        var reader = HeadReader(byteLimit: 1_000, fieldLimit: 10)
        _ = reader.take(Array("HTTP/1.1 404 Not Found\r\n".utf8))
        _ = reader.take(Array("ETag:  \"a\" \t\r\n".utf8))
        _ = reader.take(Array("X-Two: b\n".utf8))
        let head = ResponseHead(
            status: 404, headers: Headers([("etag", "\"a\""), ("x-two", "b")]), framing: .close)
        #expect(reader.take(Array("\r\n".utf8)) == .complete(head))
    }

    @Test("what is for the next hop alone goes no further, RFC 9110 section 7.6.1")
    func connectionFields() {
        var reader = HeadReader(byteLimit: 1_000, fieldLimit: 10)
        _ = reader.take(Array("HTTP/1.1 304 X\r\n".utf8))
        for line in [
            "A: 1", "Connection: a , B, Content-Type", "Connection: close, ETag", "B: 2", "C: 3",
            "Content-Type: t", "ETag: \"e\"",
        ] {
            _ = reader.take(Array("\(line)\r\n".utf8))
        }
        let head = ResponseHead(
            status: 304,
            headers: Headers([("c", "3"), ("content-type", "t"), ("etag", "\"e\"")]),
            framing: ResponseHead.Framing.none)
        #expect(reader.take(Array("\r\n".utf8)) == .complete(head))
    }

    struct CodingRow: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(asked), \(field ?? "no field")" }
        let asked: ContentCoding
        let field: String?
        /// Nil: malformed.
        let coding: ContentCoding?
    }

    static let codings: [CodingRow] = [
        CodingRow(asked: .identity, field: nil, coding: .identity),
        CodingRow(asked: .identity, field: "gzip", coding: .identity),
        CodingRow(asked: .identity, field: "gzip, gzip", coding: .identity),
        CodingRow(asked: .identity, field: "br", coding: .identity),
        CodingRow(asked: .gzip, field: nil, coding: .identity),
        CodingRow(asked: .gzip, field: "", coding: .identity),
        CodingRow(asked: .gzip, field: "identity", coding: .identity),
        CodingRow(asked: .gzip, field: "gzip", coding: .gzip),
        CodingRow(asked: .gzip, field: "X-GZIP", coding: .gzip),
        CodingRow(asked: .gzip, field: "gzip, gzip", coding: nil),
        CodingRow(asked: .gzip, field: "deflate", coding: nil),
        CodingRow(asked: .gzip, field: "br", coding: nil),
    ]

    @Test("codings, rule I5", arguments: codings)
    func coding(_ row: CodingRow) throws {
        let fields = row.field.map { [(name: "Content-Encoding", value: $0)] } ?? []
        let head = ResponseHead(status: 200, headers: Headers(fields), framing: .marked)
        guard let coding = row.coding else {
            #expect(throws: UpstreamError.malformed) { try head.coding(asked: row.asked) }
            return
        }
        #expect(try head.coding(asked: row.asked) == coding)
    }
}
