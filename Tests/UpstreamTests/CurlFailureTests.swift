import Backends
import Testing
import Upstream

@Suite struct CurlFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: UInt32
        let beforeHead: UpstreamError
        let inBody: UpstreamError

        init(_ text: String, _ code: UInt32, _ error: UpstreamError) {
            self.init(text, code, error, error)
        }

        init(
            _ text: String, _ code: UInt32, _ beforeHead: UpstreamError, _ inBody: UpstreamError
        ) {
            testDescription = "\(code): \(text)"
            self.code = code
            self.beforeHead = beforeHead
            self.inBody = inBody
        }
    }

    static let rows: [Row] =
        [
            Row("HTTP/0.9", 1, .malformed),
            Row("weird reply", 8, .malformed),
            Row("too many redirects", 47, .malformed),
            Row("bad coding", 61, .malformed),
            Row("partial file", 18, .truncated),
            Row("refused by us without a reason", 23, .cancelled),
            Row("aborted by a callback", 42, .cancelled),
            Row("time-out", 28, .timedOut(.head), .timedOut(.body)),
            Row("too long", 63, .tooLarge),
        ]
        + [
            ("proxy's name", 5), ("name", 6), ("connection", 7), ("HTTP/2", 16), ("memory", 27),
            ("empty reply", 52), ("send", 55), ("receive", 56), ("no connection", 89),
            ("HTTP/2 stream", 92), ("proxy", 97), ("poll", 99), ("unknown to us", 4_000),
        ].map { Row($0.0, UInt32($0.1), .unreachable(code: Int32($0.1)), .truncated) }
        + [35, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98].map {
            Row("TLS", UInt32($0), .insecure(code: Int32($0)))
        }

    @Test("libcurl's codes", arguments: rows)
    func maps(_ row: Row) {
        #expect(CurlFailure.error(row.code, during: .head) == row.beforeHead)
        #expect(CurlFailure.error(row.code, during: .body) == row.inBody)
    }
}
