import Engine
import HTTPModel
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    @Suite struct WaitingTests {
        @Test("a pending request sleeps until there is news, and the next one waits its turn")
        func news() async throws {
            let fill = Fill()
            let responder = ScriptedResponder(
                { request in
                    request.target.raw == "/slow"
                        ? .pending(Pending(fill: fill, rounds: 0)) : .text("fast")
                },
                resumption: { _, reason in .text(reason == .news ? "news" : "deadline") })
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/slow")
                try client.get("/fast")
                let other = try TestClient(server.address)
                try other.get("/fast")
                #expect(try other.response().text == "fast")
                #expect(!client.hasBytes(within: 20))
                fill.settle()
                #expect(try client.response().text == "news")
                #expect(try client.response().text == "fast")
            }
        }

        @Test("a fill that is settled already answers at once; several rounds go on")
        func rounds() async throws {
            let fill = Fill()
            fill.settle()
            let responder = ScriptedResponder(
                { _ in .pending(Pending(fill: fill, rounds: 0)) },
                resumption: { pending, _ in
                    pending.rounds < 5
                        ? .pending(Pending(fill: fill, rounds: pending.rounds + 1))
                        : .text("round \(pending.rounds)")
                })
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(try client.response().text == "round 5")
            }
        }

        @Test("a deadline ends the wait, and the news that come later are void")
        func deadline() async throws {
            let fill = Fill()
            let responder = ScriptedResponder(
                { _ in
                    .pending(
                        Pending(
                            fill: fill, deadline: SystemClock.monotonicNanoseconds + 30_000_000,
                            rounds: 0))
                },
                resumption: { _, reason in .text(reason == .news ? "news" : "deadline") })
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(try client.response().text == "deadline")
                fill.settle()
                try client.get("/")
                #expect(try client.response().text == "news")
                #expect(await responder.outcomes(2).count == 2)
            }
        }

        @Test(
            "a client that leaves while its request is pending is noticed",
            arguments: [true, false])
        func leaving(isReset: Bool) async throws {
            let fill = Fill()
            let responder = ScriptedResponder { _ in .pending(Pending(fill: fill, rounds: 0)) }
            try await withServer(responder) { server in
                var client: TestClient? = try TestClient(server.address)
                try client?.get("/")
                #expect(client?.hasBytes(within: 20) == false)
                if isReset { client?.abort() }
                client = nil
                let outcome = await responder.outcomes(1)[0]
                #expect(!outcome.isComplete)
                fill.settle()
                let next = try TestClient(server.address)
                try next.get("/")
                #expect(try next.response().text == "resumed")
                #expect(server.connectionCount == 1)
            }
        }
    }
}
