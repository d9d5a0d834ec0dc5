import Engine
import HTTPModel
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    @Suite struct RequestTests {
        @Test func twoRequestsOnOneConnection() async throws {
            let responder = ScriptedResponder { .text("to \($0.target.raw)") }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for path in ["/a", "/b"] {
                    try client.get(path)
                    let response = try client.response()
                    #expect(response.status == 200)
                    #expect(response.text == "to \(path)")
                    #expect(response.fields["connection"] == nil)
                    #expect(response.fields["date"].flatMap { HTTPDate($0) } != nil)
                }
                let outcomes = await responder.outcomes(2)
                #expect(outcomes.map(\.bodyBytes) == [5, 5])
                #expect(outcomes.allSatisfy { $0.isComplete && $0.status == 200 })
                #expect(server.connectionCount == 1)
            }
        }

        @Test("the responder learns the peer's address and what proxies say")
        func peerAndProxies() async throws {
            let responder = ScriptedResponder { request in
                .text("\(request.peer == .v4(0x7F00_0001)) \(request.forwarding?.host ?? "-")")
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/a")
                #expect(try client.response().text == "true -")
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Host: b\r\n\r\n")
                #expect(try client.response().text == "true b")
            }
        }

        @Test("a hundred pipelined requests are answered in order")
        func pipelining() async throws {
            let responder = ScriptedResponder { .text("to \($0.target.raw)") }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send(
                    (0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                for index in 0..<100 { #expect(try client.response().text == "to /\(index)") }
                #expect(await responder.outcomes(100).count == 100)
            }
        }

        @Test("more pipelined requests than a receive takes, in pieces that cut heads")
        func longPipeline() async throws {
            let responder = ScriptedResponder { .text("to \($0.target.raw)") }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                let all = Array(
                    (0..<1_500).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined().utf8)
                for start in stride(from: 0, to: all.count, by: 7_001) {
                    try client.send(Array(all[start..<min(start + 7_001, all.count)]))
                }
                for index in 0..<1_500 { #expect(try client.response().text == "to /\(index)") }
            }
        }

        @Test func headHasTheLengthAndNoBody() async throws {
            let file = try OpenFile.memory(patterned(300_000))
            let responder = ScriptedResponder {
                $0.target.raw == "/file" ? .file(file) : .text("hello")
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for (path, length) in [("/text", "5"), ("/file", "300000")] {
                    try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    let response = try client.response(to: "HEAD")
                    #expect(response.fields["content-length"] == length)
                }
                #expect(await responder.outcomes(2).map(\.bodyBytes) == [0, 0])
                try client.get("/text")
                #expect(try client.response().text == "hello")
            }
        }

        @Test("304 and 204 have neither body nor length; any other empty answer has length 0")
        func bodiless() async throws {
            let responder = ScriptedResponder { request in
                .reply(Int(request.target.segments[0].text) ?? 500, .none)
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for (status, length) in [(304, nil), (204, nil), (200, "0"), (301, "0")]
                    as [(Int, String?)]
                {
                    try client.get("/\(status)")
                    let response = try client.response()
                    #expect(response.status == status)
                    #expect(response.fields["content-length"] == length)
                }
            }
        }

        @Test(
            "parts of mapped and of unmapped files",
            arguments: [1_000, 262_144, 262_145, 3_000_000])
        func files(count: Int) async throws {
            let bytes = patterned(count)
            let file = try OpenFile.memory(bytes)
            let ranges = [0..<count, 0..<1, (count - 1)..<count, 100..<500, 7..<(count - 7)]
            let responder = ScriptedResponder { request in
                .file(file, ranges[Int(request.target.segments[0].text) ?? 0])
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for (index, range) in zip(0..., ranges) {
                    try client.get("/\(index)")
                    let response = try client.response()
                    #expect(response.status == 206)
                    #expect(response.body == Array(bytes[range]))
                }
                let outcomes = await responder.outcomes(ranges.count)
                #expect(outcomes.map(\.bodyBytes) == ranges.map(\.count))
            }
        }

        @Test("a file of many turns, to two clients of which one does not read at first")
        func bigFile() async throws {
            let bytes = patterned(24 << 20)
            let file = try OpenFile.memory(bytes)
            let responder = ScriptedResponder { _ in .file(file) }
            try await withServer(responder) { server in
                let sleeper = try TestClient(server.address)
                try sleeper.get("/")
                let reader = try TestClient(server.address)
                try reader.get("/")
                #expect(try reader.response().body == bytes)
                #expect(try sleeper.response().body == bytes)
            }
        }

        @Test("a file that is shorter than was promised ends as a reset")
        func shortFile() async throws {
            let file = try OpenFile.memory(patterned(300_000))
            let responder = ScriptedResponder { _ in .file(file, 0..<400_000) }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(throws: TestClient.Failure.self) { try client.response() }
                #expect(client.ending == .reset)
                #expect(await responder.outcomes(1).first?.isComplete == false)
            }
        }

        @Test("every method reaches the responder, which knows what is allowed")
        func otherMethods() async throws {
            let responder = ScriptedResponder { request in
                guard ![.get, .options, .post].contains(request.method) else { return .text("hello") }
                return .reply(405, .bytes([]), fields: "Allow: GET, HEAD\r\n")
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for method in ["PUT", "DELETE", "TRACE", "get", "PROPFIND"] {
                    try client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
                    let response = try client.response()
                    #expect(response.status == 405)
                    #expect(response.fields["allow"] == "GET, HEAD")
                }
                for method in ["OPTIONS", "POST"] {
                    try client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.response().text == "hello")
                }
                #expect(
                    await responder.outcomes(7).map(\.status) == [
                        405, 405, 405, 405, 405, 200, 200,
                    ])
                #expect(responder.targets.count == 7)
            }
        }

        @Test("HTTP/1.0 closes unless it asked not to")
        func version10() async throws {
            try await withServer(ScriptedResponder()) { server in
                let once = try TestClient(server.address)
                try once.send("GET / HTTP/1.0\r\n\r\n")
                #expect(try once.response().fields["connection"] == "close")
                #expect(try once.endsHere() == .orderly)
                let again = try TestClient(server.address)
                for _ in 0..<2 {
                    try again.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(try again.response().fields["connection"] == "keep-alive")
                }
                try again.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try again.response().fields["connection"] == "close")
                #expect(try again.endsHere() == .orderly)
            }
        }

        @Test("connections are dealt out to two loops and all are answered")
        func twoLoops() async throws {
            let responder = ScriptedResponder()
            try await withServer(responder, loopCount: 2) { server in
                let clients = try (0..<50).map { _ in try TestClient(server.address) }
                for client in clients { try client.get("/") }
                for client in clients { #expect(try client.response().text == "hello") }
                #expect(server.connectionCount == 50)
            }
        }

        @Test("a client that ends its side after a request still gets the answer")
        func halfClosed() async throws {
            try await withServer(ScriptedResponder()) { server in
                let client = try TestClient(server.address)
                try client.get("/a")
                try client.get("/b")
                client.endSending()
                #expect(try client.response().text == "hello")
                #expect(try client.response().text == "hello")
                #expect(try client.endsHere() == .orderly)
            }
        }
    }
}
