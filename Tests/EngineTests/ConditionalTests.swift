import Digests
import Engine
import HTTPModel
import Testing

/// Ranges, conditions and HEAD, on a cold file and on a stored one alike.
@Suite(.timeLimit(.minutes(5))) struct ConditionalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = Method.get
        var range: String?
        var ifRange: String?
        var ifNoneMatch: String?
        let status: Int
        var contentRange: String?
        var part: Range<Int>?
    }

    private static let file = TestFile("p/a.whl", byteCount: 200_000)
    private static let tag = "\"\(file.digest.hex)\""

    static let rows: [Row] = [
        .init(testDescription: "whole", status: 200, part: 0..<200_000),
        .init(
            testDescription: "a-b", range: "bytes=10-19", status: 206,
            contentRange: "bytes 10-19/200000", part: 10..<20),
        .init(
            testDescription: "a-", range: "bytes=199990-", status: 206,
            contentRange: "bytes 199990-199999/200000", part: 199_990..<200_000),
        .init(
            testDescription: "the last bytes", range: "bytes=-5", status: 206,
            contentRange: "bytes 199995-199999/200000", part: 199_995..<200_000),
        .init(
            testDescription: "past the end", range: "bytes=200000-", status: 416,
            contentRange: "bytes */200000", part: 0..<0),
        .init(
            testDescription: "several ranges: the whole", range: "bytes=0-1,5-6", status: 200,
            part: 0..<200_000),
        .init(
            testDescription: "another unit: the whole", range: "lines=1-2", status: 200,
            part: 0..<200_000),
        .init(
            testDescription: "If-Range with our tag", range: "bytes=0-0", ifRange: tag,
            status: 206, contentRange: "bytes 0-0/200000", part: 0..<1),
        .init(
            testDescription: "If-Range with another tag: the whole", range: "bytes=0-0",
            ifRange: "\"other\"", status: 200, part: 0..<200_000),
        .init(
            testDescription: "If-Range with a weak tag: the whole", range: "bytes=0-0",
            ifRange: "W/\(tag)", status: 200, part: 0..<200_000),
        .init(testDescription: "If-None-Match", ifNoneMatch: tag, status: 304, part: 0..<0),
        .init(
            testDescription: "If-None-Match compares weakly", ifNoneMatch: "\"x\", W/\(tag)",
            status: 304, part: 0..<0),
        .init(testDescription: "If-None-Match: any", ifNoneMatch: "*", status: 304, part: 0..<0),
        .init(
            testDescription: "If-None-Match with another tag", ifNoneMatch: "\"x\"", status: 200,
            part: 0..<200_000),
        .init(
            testDescription: "a range is for GET only", method: .head, range: "bytes=0-0",
            status: 200, part: 0..<200_000),
    ]

    @Test("A16.12 ranges and conditions, RFC 9110 sections 13 and 14", arguments: rows)
    func conditions(_ row: Row) async throws {
        let file = Self.file
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            for temperature in ["cold", "warm"] {
                let got = try await bench.get(file.request) { head in
                    head.method = row.method
                    head.range = row.range
                    head.ifRange = row.ifRange
                    head.ifNoneMatch = row.ifNoneMatch
                }
                #expect(got.status == row.status, "\(temperature)")
                #expect(got.field("Content-Range") == row.contentRange, "\(temperature)")
                #expect(got.field("ETag") == Self.tag, "\(temperature)")
                if let part = row.part { #expect(got.body == Array(file.bytes[part])) }
                // The fill goes on without us; the second round is to find it stored.
                await bench.idle()
            }
            #expect(bench.upstream.requests(of: file.url).count == 1)
        }
    }
}
