import Backends
import HTTPModel
import Testing
import Upstream

@Suite struct MultiplexingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let url: String
        let coding: ContentCoding
        let bodyBytes: Int
        let isAllowed: Bool
    }

    static let rows: [Row] = [
        Row(
            testDescription: "a document", url: "https://index.example/", coding: .gzip,
            bodyBytes: 1 << 30, isAllowed: true),
        Row(
            testDescription: "a short artifact", url: "https://index.example/", coding: .identity,
            bodyBytes: Multiplexing.byteLimit, isAllowed: true),
        Row(
            testDescription: "a long artifact", url: "https://index.example/", coding: .identity,
            bodyBytes: Multiplexing.byteLimit + 1, isAllowed: false),
        Row(
            testDescription: "plain http", url: "http://index.example/", coding: .gzip,
            bodyBytes: 1, isAllowed: false),
    ]

    @Test("only bodies that may wait in memory share a connection", arguments: rows)
    func judges(_ row: Row) throws {
        let url = try #require(AbsoluteURL(row.url))
        let request = UpstreamRequest(
            url: url, coding: row.coding, policy: UpstreamPolicy(home: url.origin),
            limits: TransferLimits(total: .seconds(1), bodyBytes: row.bodyBytes))
        #expect(Multiplexing.isAllowed(for: request) == row.isAllowed)
    }
}
