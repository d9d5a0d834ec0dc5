import Engine
import HTTPModel
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    /// What a client gets that sends too slowly, or comes where too many are.
    @Suite struct OverLimitTests {
        @Test("a peer that stands for many clients has the limit of all alone")
        func unlimitedPeer() async throws {
            var limits = ServerLimits()
            limits.connectionCountPerPeer = 1
            limits.connectionCount = 4
            limits.unlimitedPeers = [try #require(AddressBlock("127.0.0.0/8"))]
            try await withServer(ScriptedResponder(), limits: limits) { server in
                var kept: [TestClient] = []
                for _ in 0..<4 {
                    let client = try TestClient(server.address)
                    try client.get("/")
                    #expect(try client.response().status == 200)
                    kept.append(client)
                }
                let refused = try TestClient(server.address)
                try refused.get("/")
                #expect(try refused.response().status == 503)
                withExtendedLifetime(kept) {}
            }
        }

        private static let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"

        @Test("H-4: a body that drips is answered 408 after a window, its total time left aside")
        func slowBody() async throws {
            var limits = ServerLimits()
            limits.bodyWindow = .milliseconds(150)
            let responder = ScriptedResponder(bodyLimit: 1 << 20)
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send(Self.head)
                var dripped = 0
                while !client.hasBytes(within: 5), dripped < 1_000 {
                    try client.send("x")
                    dripped += 1
                }
                #expect(try client.response().status == 408)
                #expect(dripped < 100)
                #expect(responder.targets.isEmpty)
            }
        }

        @Test("a body that is slow and above the minimum is taken, over many windows")
        func steadyBody() async throws {
            var limits = ServerLimits()
            limits.bodyWindow = .milliseconds(200)
            let responder = ScriptedResponder(bodyLimit: 1 << 20)
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send(Self.head)
                for _ in 0..<50 {
                    #expect(!client.hasBytes(within: 15))
                    try client.send([UInt8](repeating: 0x78, count: 20_000))
                }
                #expect(try client.response().status == 200)
                #expect(responder.bodies.map(\.count) == [1_000_000])
            }
        }

        @Test("a body that is fast enough has its time all the same")
        func longBody() async throws {
            var limits = ServerLimits()
            limits.bodyWindow = .milliseconds(50)
            limits.bodyTimeout = .milliseconds(200)
            let responder = ScriptedResponder(bodyLimit: 1 << 20)
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send(Self.head)
                while !client.hasBytes(within: 5) {
                    try client.send([UInt8](repeating: 0x78, count: 1_000))
                }
                #expect(try client.response().status == 408)
                #expect(responder.targets.isEmpty)
            }
        }

        @Test("one request too many that has to wait is answered 503, until another one has gone")
        func waiting() async throws {
            let fill = Fill()
            var limits = ServerLimits()
            limits.waitingCount = 2
            let responder = ScriptedResponder { request in
                request.target.raw == "/hit"
                    ? .text("hit") : .pending(Pending(fill: fill, rounds: 0))
            }
            try await withServer(responder, limits: limits, loopCount: 2) { server in
                var waiting = try (0..<2).map { _ in try TestClient(server.address) }
                for client in waiting { try client.get("/miss") }
                let end = ContinuousClock.now + .seconds(20)
                while responder.targets.count < 2, .now < end {
                    _ = waiting[0].hasBytes(within: 5)
                }
                #expect(!waiting[0].hasBytes(within: 50))
                let third = try TestClient(server.address)
                try third.get("/miss")
                let refused = try third.response()
                #expect(refused.status == 503)
                #expect(refused.fields["retry-after"] == "1")
                // A hit waits for nobody, and the connection goes on.
                try third.get("/hit")
                #expect(try third.response().text == "hit")
                // Before anything was begun for it.
                #expect(responder.barred == ["/miss", "/hit"])
                waiting.removeFirst().abort()
                #expect(await responder.outcomes(3).count == 3)
                fill.settle()
                try third.get("/miss")
                #expect(try third.response().text == "resumed")
                #expect(try waiting[0].response().text == "resumed")
            }
        }
    }
}
