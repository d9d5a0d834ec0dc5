import Engine
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    @Suite struct FramingTests {
        @Test("H-1: verdict over the socket, RFC 9112 and rule F1")
        func corpus() async throws {
            let responder = ScriptedResponder(bodyLimit: 65_536)
            try await withServer(responder) { server in
                var answered = 0
                for row in RequestCorpus.rows {
                    let client = try TestClient(server.address)
                    // The server may answer and close before it has taken all of a long row.
                    try? client.send(row.bytes)
                    // Behind a fault, nothing may be taken for a request.
                    try? client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
                    let method = row.bytes.starts(with: Array("HEAD".utf8)) ? "HEAD" : "GET"
                    let response = try client.response(to: method)
                    #expect(response.status == row.status, "\(row)")
                    guard row.status == 200 else {
                        #expect(response.fields["connection"] == "close", "\(row)")
                        #expect(throws: Never.self, "\(row)") { try client.endsHere() }
                        continue
                    }
                    answered += 1
                    guard response.fields["connection"] != "close" else { continue }
                    #expect(try client.response().status == 200, "\(row)")
                    answered += 1
                }
                #expect(await responder.outcomes(answered).count == answered)
                #expect(responder.targets.count == answered)
            }
        }

        struct Body: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let head: String
            var body = ""
            /// Whether the next request on the connection is answered too.
            let isReused: Bool
        }

        static let bodies: [Body] = [
            Body(
                testDescription: "a GET with a body that looks like a request",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n",
                body: "GET /smuggled HTTP/1.1\r\nHost: a\r\nX: yz\r\n", isReused: true),
            Body(
                testDescription: "a chunked POST",
                head: "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                body: "4\r\nGET \r\n0\r\n\r\n", isReused: true),
            Body(
                testDescription: "a body of the limit",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n",
                body: String(repeating: "x", count: 65_536), isReused: true),
            Body(
                testDescription: "a body over the limit",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
                body: String(repeating: "x", count: 65_537), isReused: false),
            Body(
                testDescription: "a huge body that never comes",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n",
                isReused: false),
            Body(
                testDescription: "a chunked body over the limit",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                body: "20000\r\n" + String(repeating: "x", count: 0x20000) + "\r\n0\r\n\r\n",
                isReused: false),
            Body(
                testDescription: "a body that waits for 100",
                head: "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 5\r\n\r\n", isReused: false),
            Body(
                testDescription: "an expectation without a body",
                head: "GET /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", isReused: true),
        ]

        @Test("H-6: a body is drained or the connection closed, rule F2", arguments: bodies)
        func drained(_ row: Body) async throws {
            let responder = ScriptedResponder()
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send(row.head)
                try client.send(row.body)
                try client.get("/next")
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.fields["connection"] == (row.isReused ? nil : "close"))
                if row.isReused {
                    #expect(try client.response().status == 200)
                    #expect(responder.targets == ["/a", "/next"])
                } else {
                    _ = try client.endsHere()
                    #expect(responder.targets == ["/a"])
                }
            }
        }

        @Test("a body in small pieces, then the next request")
        func pieces() async throws {
            let responder = ScriptedResponder()
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                let bytes = Array(
                    ("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
                        .utf8)
                for byte in bytes { try client.send([byte]) }
                #expect(try client.response().status == 200)
                #expect(try client.response().status == 200)
                #expect(responder.targets == ["/a", "/b"])
            }
        }

        @Test("a fault in the body is answered instead of the request")
        func faultInBody() async throws {
            let responder = ScriptedResponder(bodyLimit: 65_536)
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.send("5\r\nhelloXX")
                #expect(try client.response().status == 400)
                _ = try client.endsHere()
                #expect(responder.targets.isEmpty)
            }
        }
    }
}
