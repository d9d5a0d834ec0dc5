import HTTPModel
import HTTPWire
import Testing

@Suite struct HeadReaderTests {
    private func parse(_ text: String) throws -> ParsedHead {
        var reader = HeadReader()
        let bytes = Array(text.utf8)
        return try #require(try reader.read(bytes.span))
    }

    @Test func theFieldsThatACacheReads() throws {
        let head = try parse(
            "GET /simple/a/?x=1 HTTP/1.1\r\nHOST: index.example:80\r\nAccept: text/html\r\n"
                + "accept: application/json;q=0.5\r\nAccept-Encoding: gzip\r\n"
                + "If-None-Match: \"a\"\r\nIf-None-Match: W/\"b\"\r\nIf-Modified-Since: x\r\n"
                + "If-Range: \"a\"\r\nRange: bytes=0-1\r\nCache-Control: max-age=0, No-Cache\r\n"
                + "User-Agent: pip\r\nCookie: a=b\r\n\r\nnext")
        #expect(head.request.method == .get)
        #expect(head.request.target.raw == "/simple/a/?x=1")
        #expect(head.request.host == "index.example:80")
        #expect(head.request.accept == "text/html, application/json;q=0.5")
        #expect(head.request.acceptEncoding == "gzip")
        #expect(head.request.ifNoneMatch == "\"a\", W/\"b\"")
        #expect(head.request.ifModifiedSince == "x")
        #expect(head.request.ifRange == "\"a\"")
        #expect(head.request.range == "bytes=0-1")
        #expect(head.request.asksForRefresh)
        #expect(head.version == .http11)
        #expect(head.isPersistent)
        #expect(head.framing == .none)
        #expect(!head.expectsContinue)
    }

    @Test func whatFollowsTheHeadIsNotLookedAt() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(try parse(text + "\u{0}\n\r").byteCount == text.utf8.count)
    }

    struct Persistence: Sendable, CustomTestStringConvertible {
        let version: String
        let connection: String?
        let isPersistent: Bool
        var testDescription: String { "\(version) \(connection ?? "no Connection")" }
    }

    static let persistenceRows: [Persistence] = [
        .init(version: "1.1", connection: nil, isPersistent: true),
        .init(version: "1.1", connection: "close", isPersistent: false),
        .init(version: "1.1", connection: "keep-alive, Close", isPersistent: false),
        .init(version: "1.1", connection: "Upgrade", isPersistent: true),
        .init(version: "1.1", connection: "closed", isPersistent: true),
        .init(version: "1.0", connection: nil, isPersistent: false),
        .init(version: "1.0", connection: "Keep-Alive", isPersistent: true),
        .init(version: "1.0", connection: "keep-alive\r\nConnection: close", isPersistent: false),
    ]

    @Test("RFC 9112 section 9.3", arguments: persistenceRows)
    func persistence(_ row: Persistence) throws {
        let field = row.connection.map { "Connection: \($0)\r\n" } ?? ""
        let head = try parse("GET / HTTP/\(row.version)\r\nHost: a\r\n\(field)\r\n")
        #expect(head.isPersistent == row.isPersistent)
    }

    struct Framing: Sendable, CustomTestStringConvertible {
        let fields: String
        let framing: BodyFraming
        var expectsContinue = false
        var testDescription: String { fields }
    }

    static let framings: [Framing] = [
        .init(fields: "", framing: .none),
        .init(fields: "Content-Length: 0\r\n", framing: .none),
        .init(fields: "Content-Length: 00012\r\n", framing: .length(12)),
        .init(
            fields: "Content-Length: 999999999999999999\r\n",
            framing: .length(999_999_999_999_999_999)),
        .init(fields: "Transfer-Encoding: chunked\r\n", framing: .chunked),
        .init(
            fields: "Content-Length: 3\r\nExpect: 100-Continue\r\n", framing: .length(3),
            expectsContinue: true),
        .init(fields: "Expect: 100-continue\r\n", framing: .none),
    ]

    @Test("RFC 9112 section 6.3", arguments: framings)
    func framing(_ row: Framing) throws {
        let head = try parse("POST / HTTP/1.1\r\nHost: a\r\n\(row.fields)\r\n")
        #expect(head.framing == row.framing)
        #expect(head.expectsContinue == row.expectsContinue)
    }

    @Test("what proxies say is kept apart; lines of one name are one list")
    func forwarding() throws {
        #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").request.forwarding == nil)
        let lines = [
            "forwarded: for=x", "Forwarded: for=y", "X-Forwarded-Host: b", "X-Forwarded-Proto: c",
            "X-Forwarded-Prefix: /d", "X-Forwarded-For: e",
        ]
        let text = (["GET / HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n")
        let fields = try #require(try parse(text).request.forwarding)
        #expect(fields.forwarded == "for=x, for=y")
        #expect([fields.host, fields.scheme, fields.prefix] == ["b", "c", "/d"])
    }

    @Test("smaller limits are kept too")
    func limits() throws {
        var limits = HeadLimits()
        limits.requestLineByteCount = 14
        limits.fieldCount = 1
        limits.fieldsByteCount = 40
        func verdict(_ text: String) -> WireFault? {
            var reader = HeadReader(limits: limits)
            let bytes = Array(text.utf8)
            do throws(WireFault) {
                _ = try reader.read(bytes.span)
                return nil
            } catch {
                return error
            }
        }
        #expect(verdict("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(verdict("GET /a HTTP/1.1\r\n") == .requestLineTooLong)
        #expect(verdict("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n") == .tooManyFields)
        #expect(
            verdict("GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
                == .fieldsTooLong)
    }

    @Test("every fault has a status of the 4xx or 5xx and a sentence")
    func faults() {
        for fault in WireFault.allCases {
            #expect((400..<506).contains(fault.status))
            #expect(fault.sentence.hasSuffix("."))
        }
    }
}

@Suite struct ResponseHeadWriterTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let head: ResponseHead
        var fields = ""
        let text: String
    }

    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let rows: [Row] = [
        Row(
            testDescription: "length",
            head: .init(status: 200, framing: .length(1_234), connection: .persistent),
            fields: "ETag: \"a\"\r\n",
            text: "HTTP/1.1 200 OK\r\nDate: \(date)\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n"),
        Row(
            testDescription: "chunked and close",
            head: .init(status: 206, framing: .chunked, connection: .close),
            text: "HTTP/1.1 206 Partial Content\r\nDate: \(date)\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"),
        Row(
            testDescription: "no body, HTTP/1.0 client",
            head: .init(status: 304, framing: .none, connection: .keepAlive),
            text: "HTTP/1.1 304 Not Modified\r\nDate: \(date)\r\nConnection: keep-alive\r\n\r\n"),
        Row(
            testDescription: "length zero",
            head: .init(status: 599, framing: .length(0), connection: .persistent),
            text: "HTTP/1.1 599 Status\r\nDate: \(date)\r\nContent-Length: 0\r\n\r\n"),
    ]

    @Test("response head, RFC 9112 section 4", arguments: rows)
    func head(_ row: Row) {
        var output: [UInt8] = []
        ResponseHeadWriter.append(
            row.head, fields: Array(row.fields.utf8), date: Array(Self.date.utf8), to: &output)
        #expect(String(decoding: output, as: UTF8.self) == row.text)
    }

    @Test func chunkFraming() {
        var output: [UInt8] = []
        ResponseHeadWriter.appendChunkStart(0x1_0A, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "10a\r\n")
        #expect(String(decoding: ResponseHeadWriter.lastChunk, as: UTF8.self) == "0\r\n\r\n")
    }
}
