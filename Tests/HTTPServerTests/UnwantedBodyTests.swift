import HTTPServer
import Testing

extension ServerTests {
    /// Bodies of writing methods that nobody wants: the answer does not wait for them.
    @Suite struct UnwantedBodyTests {
        private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let head: String
            var body = ""
            let isReused: Bool
        }

        static let rows: [Row] = [
            Row(
                testDescription: "a counted PUT", head: "PUT /a HTTP/1.1\r\nContent-Length: 40",
                body: "GET /smuggled HTTP/1.1\r\nHost: a\r\nX: yz\r\n", isReused: true),
            Row(
                testDescription: "a chunked POST",
                head: "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked",
                body: "4\r\nGET \r\n0\r\n\r\n", isReused: true),
            Row(
                testDescription: "a DELETE over the limit",
                head: "DELETE /a HTTP/1.1\r\nContent-Length: 65537", isReused: false),
            Row(
                testDescription: "a chunked PUT over the limit",
                head: "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked",
                body: "20000\r\n" + String(repeating: "x", count: 0x20000) + "\r\n0\r\n\r\n",
                isReused: false),
            Row(
                testDescription: "a malformed POST",
                head: "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked", body: "5\r\nhelloXX",
                isReused: false),
            Row(
                testDescription: "a publication that waits for 100",
                head: "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5",
                isReused: false),
        ]

        @Test(
            "it is answered before the body has come, then drained or the connection closed",
            arguments: rows)
        func answeredFirst(_ row: Row) async throws {
            let responder = ScriptedResponder()
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send(row.head + "\r\nHost: a\r\n\r\n")
                #expect(try client.response().status == 200)
                try? client.send(row.body + Self.next)
                if row.isReused {
                    #expect(try client.response().status == 200)
                    #expect(responder.targets == ["/a", "/next"])
                } else {
                    _ = try client.endsHere()
                    #expect(responder.targets == ["/a"])
                }
            }
        }

        @Test("a rest of a body that never comes ends the connection")
        func neverComes() async throws {
            var limits = ServerLimits()
            limits.headTimeout = .milliseconds(60)
            try await withServer(ScriptedResponder(), limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
                #expect(try client.response().status == 200)
                _ = try client.endsHere()
            }
        }

        @Test("a client that sends a long package before it looks gets the answer")
        func longPackage() async throws {
            try await withServer(ScriptedResponder()) { server in
                let client = try TestClient(server.address)
                try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n")
                try client.send([UInt8](repeating: 0x78, count: 8 << 20))
                #expect(try client.response().status == 200)
                #expect(try client.endsHere() == .orderly)
            }
        }
    }
}
