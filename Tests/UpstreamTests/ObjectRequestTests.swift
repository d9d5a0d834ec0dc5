import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct ObjectRequestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let method: ObjectRequest.Method
        let byteCount: Int
        /// Beside host, user-agent and what the caller gave.
        let names: [String]
    }

    static let rows = [
        Row(testDescription: "GET", method: .get, byteCount: 0, names: ["accept"]),
        Row(testDescription: "HEAD", method: .head, byteCount: 0, names: ["accept"]),
        Row(testDescription: "DELETE", method: .delete, byteCount: 0, names: ["accept"]),
        Row(
            testDescription: "an empty PUT", method: .put, byteCount: 0,
            names: ["accept", "content-length"]),
        Row(
            testDescription: "a long PUT", method: .put, byteCount: 5_000_001,
            names: ["accept", "content-length"]),
        Row(
            testDescription: "POST", method: .post, byteCount: 70_000,
            names: ["accept", "content-length"]),
    ]

    static let limits = TransferLimits(total: .seconds(50), bodyBytes: 1 << 20)

    @Test("a request goes out as it is, and nothing is added but framing", arguments: rows)
    func sends(_ row: Row) async throws {
        let fetching = try Fetching()
        fetching.origin.fallback { _, _ in .text("answer").with(\.status, 202) }
        let body = Pattern(byteCount: row.byteCount, seed: 5).bytes(0..<row.byteCount)
        let headers = Headers([
            ("host", fetching.origin.url("/").authority), ("authorization", "sig"),
            ("content-type", "x/y"), ("x-amz-date", "now"), ("x-bad", "a\r\nx-evil: yes"),
        ])
        let response = try await fetching.client.send(
            ObjectRequest(
                row.method, fetching.origin.url("/b/k%2B?partNumber=1&uploadId=a%2Fb"),
                headers: headers, body: body, limits: Self.limits))
        #expect(response.status == 202)
        let answer = try await response.body.whole()
        #expect(answer == (row.method == .head ? [] : Array("answer".utf8)))
        let seen = try #require(fetching.origin.ledger.requests.first)
        #expect(seen.method == row.method.rawValue)
        #expect(seen.target == "/b/k%2B?partNumber=1&uploadId=a%2Fb")
        #expect(seen.body == body)
        let given = ["authorization", "content-type", "host", "user-agent", "x-amz-date"]
        #expect(seen.headers.fields.map(\.name).sorted() == (given + row.names).sorted())
    }

    @Test("redirects and errors are answers; a HEAD's length is no body's")
    func answers() async throws {
        let fetching = try Fetching()
        for (status, path) in [(307, "/r"), (403, "/f"), (503, "/s")] {
            fetching.origin.route(
                path, OriginAnswer(status, .bytes([1, 2]), fields: [("Location", "/elsewhere")]))
            let response = try await fetching.client.send(
                ObjectRequest(.put, fetching.origin.url(path), body: [9], limits: Self.limits))
            #expect(response.status == status)
            #expect(try await response.body.whole() == [1, 2])
        }
        fetching.origin.route(
            "/h", OriginAnswer(200, .pattern(Pattern(byteCount: 1 << 21, seed: 1))))
        let head = try await fetching.client.send(
            ObjectRequest(.head, fetching.origin.url("/h"), limits: Self.limits))
        #expect(head.headers["content-length"] == String(1 << 21))
        #expect(try await head.body.whole() == [])
        #expect(fetching.origin.ledger.count("/elsewhere") == 0)
    }

    @Test("a connection that breaks while a body goes up is an error, not a wait")
    func broken() async throws {
        let fetching = try Fetching()
        fetching.origin.fallback { _, _ in OriginAnswer().with(\.conduct, .reset) }
        await #expect(throws: UpstreamError.self) {
            try await fetching.client.send(
                ObjectRequest(
                    .put, fetching.origin.url("/x"), body: [UInt8](repeating: 1, count: 1 << 20),
                    limits: Self.limits))
        }
    }
}
