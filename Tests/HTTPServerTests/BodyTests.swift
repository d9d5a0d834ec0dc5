import Engine
import HTTPServer
import Linux
import Testing

extension ServerTests {
    /// Bodies of POST requests whose responder wants them, up to 1,000 bytes.
    @Suite struct BodyTests {
        private static let post = "POST /a HTTP/1.1\r\nHost: a\r\n"
        private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
        private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

        private static func counted(_ count: Int) -> String {
            post + "Content-Length: \(count)\r\n\r\n"
        }

        struct Wanted: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let bytes: String
            let body: String
        }

        static let wanted: [Wanted] = [
            Wanted(testDescription: "counted", bytes: counted(5) + "hello", body: "hello"),
            Wanted(testDescription: "no length at all", bytes: post + "\r\n", body: ""),
            Wanted(testDescription: "length 0", bytes: counted(0), body: ""),
            Wanted(
                testDescription: "of the limit",
                bytes: counted(1_000) + .init(repeating: "x", 1_000),
                body: .init(repeating: "x", 1_000)),
            Wanted(
                testDescription: "chunked, with an extension and a trailer",
                bytes: chunked + "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n", body: "hello!"),
            Wanted(
                testDescription: "chunked of the limit",
                bytes: chunked + "3e8\r\n" + .init(repeating: "x", 1_000) + "\r\n0\r\n\r\n",
                body: .init(repeating: "x", 1_000)),
            Wanted(testDescription: "chunked and empty", bytes: chunked + "0\r\n\r\n", body: ""),
            Wanted(
                testDescription: "a body that looks like a request",
                bytes: counted(next.utf8.count) + next, body: next),
        ]

        @Test("a wanted body comes whole, and the next request after it", arguments: wanted)
        func whole(_ row: Wanted) async throws {
            let responder = ScriptedResponder(bodyLimit: 1_000)
            try await withServer(responder) { server in
                let atOnce = try TestClient(server.address)
                try atOnce.send(row.bytes + Self.next)
                #expect(try atOnce.response().status == 200)
                #expect(try atOnce.response().status == 200)
                let inPieces = try TestClient(server.address)
                for byte in Array((row.bytes + Self.next).utf8) { try inPieces.send([byte]) }
                #expect(try inPieces.response().status == 200)
                #expect(try inPieces.response().status == 200)
                #expect(responder.bodies == [Array(row.body.utf8), Array(row.body.utf8)])
                #expect(responder.targets == ["/a", "/next", "/a", "/next"])
            }
        }

        struct Hostile: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let bytes: String
            let status: Int
        }

        static let hostile: [Hostile] = [
            Hostile(testDescription: "declared over the limit", bytes: counted(1_001), status: 413),
            Hostile(
                testDescription: "declared over the limit, and waiting to be asked for",
                bytes: post + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n", status: 413),
            Hostile(
                testDescription: "a chunk over the limit",
                bytes: chunked + "3e9\r\n" + .init(repeating: "x", 1_001), status: 413),
            Hostile(
                testDescription: "many chunks over the limit",
                bytes: chunked + .init(repeating: "1\r\nx\r\n", 1_001), status: 413),
            Hostile(
                testDescription: "chunks that are framing for the most part",
                bytes: chunked
                    + .init(repeating: "1;" + .init(repeating: "e", 200) + "\r\nx\r\n", 600),
                status: 413),
            Hostile(
                testDescription: "an endless chunk that is only announced, then garbage",
                bytes: chunked + "fffffffffffffff\r\n" + .init(repeating: "x", 1_001), status: 413),
            Hostile(
                testDescription: "a size that overflows", bytes: chunked + "fffffffffffffffff\r\n",
                status: 400),
            Hostile(
                testDescription: "a chunk with a wrong end", bytes: chunked + "5\r\nhelloXX",
                status: 400),
        ]

        @Test(
            "a hostile body is refused in the responder's words, and nothing is asked",
            arguments: hostile)
        func refused(_ row: Hostile) async throws {
            let responder = ScriptedResponder(bodyLimit: 1_000)
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send(row.bytes)
                let response = try client.response()
                #expect(response.status == row.status)
                #expect(response.fields["connection"] == "close")
                #expect(response.fields["x-worded"] == "/a")
                try? client.send(Self.next)
                _ = try client.endsHere()
                #expect(responder.targets.isEmpty)
                // What the operator sees of it; a malformed one is no request.
                let seen = row.status == 413 ? await responder.outcomes(1).map(\.status) : []
                #expect(seen == (row.status == 413 ? [413] : []))
            }
        }

        @Test("a body longer than declared is its length, and the rest no request")
        func longerThanDeclared() async throws {
            let responder = ScriptedResponder(bodyLimit: 1_000)
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.send(Self.counted(5) + "hello, world\r\n\r\n")
                #expect(try client.response().status == 200)
                #expect(try client.response().status == 400)
                _ = try client.endsHere()
                #expect(responder.bodies == [Array("hello".utf8)])
                #expect(responder.targets == ["/a"])
            }
        }

        @Test("the server's own limit holds where the responder would take more")
        func ownLimit() async throws {
            var limits = ServerLimits()
            limits.bodyByteCount = 10
            try await withServer(ScriptedResponder(bodyLimit: 1_000), limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send(Self.counted(11))
                #expect(try client.response().status == 413)
            }
        }

        // MARK: Expect

        @Test("100 Continue is sent when the body is wanted, and only then")
        func expectation() async throws {
            let responder = ScriptedResponder(bodyLimit: 1_000)
            let expecting = Self.post + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                for _ in 0..<2 {
                    try client.send(expecting)
                    let goAhead = try client.head()
                    #expect(goAhead.status == 100)
                    #expect(goAhead.fields.isEmpty)
                    try client.send("hello")
                    #expect(try client.response().text == "hello")
                }
                // Who sends at once is not told to.
                try client.send(expecting + "hello")
                #expect(try client.response().status == 200)
                try client.send(Self.next)
                #expect(try client.response().status == 200)
                #expect(responder.bodies == Array(repeating: Array("hello".utf8), count: 3))
            }
            try await withServer(ScriptedResponder()) { server in
                let client = try TestClient(server.address)
                try client.send(expecting)
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.fields["connection"] == "close")
            }
        }

        // MARK: Time and memory

        @Test(
            "a body that does not come in time is answered 408, dripping or not",
            arguments: [false, true])
        func slow(drips: Bool) async throws {
            var limits = ServerLimits()
            limits.bodyTimeout = .milliseconds(100)
            let responder = ScriptedResponder(bodyLimit: 1_000)
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send(Self.counted(1_000))
                var dripped = 0
                while drips, !client.hasBytes(within: 5), dripped < 500 {
                    try client.send("x")
                    dripped += 1
                }
                let response = try client.response()
                #expect(response.status == 408)
                #expect(response.fields["x-worded"] == "/a")
                _ = try client.endsHere()
                #expect(responder.targets.isEmpty)
            }
        }

        @Test("all bodies together have a limit, and give their room back")
        func budget() async throws {
            var limits = ServerLimits()
            limits.bodiesByteCount = 1_500
            let responder = ScriptedResponder(bodyLimit: 1_000)
            let request = Self.counted(1_000) + String(repeating: "x", 1_000)
            try await withServer(responder, limits: limits) { server in
                let first = try TestClient(server.address)
                try first.send(request)
                #expect(try first.response().status == 200)
                let second = try TestClient(server.address)
                try second.send(request)
                let refused = try second.response()
                #expect(refused.status == 503)
                #expect(refused.fields["retry-after"] == "5")
                #expect(refused.fields["x-worded"] == "/a")
                #expect(responder.bodies.count == 1)
                responder.dropBodies()
                let third = try TestClient(server.address)
                try third.send(request)
                #expect(try third.response().status == 200)
            }
        }

        @Test("a client that leaves within its body gives the room back")
        func leaving() async throws {
            var limits = ServerLimits()
            limits.bodiesByteCount = 1_500
            let responder = ScriptedResponder(bodyLimit: 1_000)
            try await withServer(responder, limits: limits) { server in
                var leaver: TestClient? = try TestClient(server.address)
                try leaver?.send(Self.counted(1_000) + String(repeating: "x", 999))
                leaver?.abort()
                leaver = nil
                let end = ContinuousClock.now + .seconds(20)
                var status = 0
                while status != 200, ContinuousClock.now < end {
                    let client = try TestClient(server.address)
                    try client.send(Self.counted(1_000) + String(repeating: "x", 1_000))
                    status = try client.response().status
                }
                #expect(status == 200)
                #expect(responder.targets == ["/a"])
            }
        }

        @Test("an answer's lease is held until the answer is sent or given up")
        func lease() async throws {
            let budget = ByteBudget(limit: 64 << 20)
            let bytes = [UInt8](repeating: 0, count: 32 << 20)
            let responder = ScriptedResponder { _ in
                let lease = ByteLease(budget)
                guard lease.grow(by: bytes.count) else { return .text("full") }
                var reply = Reply(
                    status: 200, fields: [], body: .bytes(bytes), record: RequestRecord())
                reply.lease = lease
                return .reply(reply)
            }
            try await withServer(responder) { server in
                var client: TestClient? = try TestClient(server.address)
                try client?.get("/")
                _ = try client?.head()
                #expect(budget.usedByteCount == bytes.count)
                client?.abort()
                client = nil
                _ = await responder.outcomes(1)
                let end = ContinuousClock.now + .seconds(20)
                while budget.usedByteCount > 0, ContinuousClock.now < end { await Task.yield() }
                #expect(budget.usedByteCount == 0)
            }
        }
    }
}

extension String {
    fileprivate init(repeating text: String, _ count: Int) {
        self.init(repeating: text, count: count)
    }
}
