import Engine
import HTTPModel
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    @Suite struct LifecycleTests {
        @Test("while draining, answers tell the client to close")
        func drain() async throws {
            try await withServer(ScriptedResponder()) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(try client.response().fields["connection"] == nil)
                server.beginDrain()
                try client.get("/")
                #expect(try client.response().fields["connection"] == "close")
                #expect(try client.endsHere() == .orderly)
                let late = try TestClient(server.address)
                try late.get("/")
                #expect(try late.response().fields["connection"] == "close")
            }
        }

        @Test("stopping waits for what is under way and closes what is idle")
        func stop() async throws {
            let fill = Fill()
            let responder = ScriptedResponder { request in
                request.target.raw == "/slow"
                    ? .pending(Pending(fill: fill, rounds: 0)) : .text("a")
            }
            try await withServer(responder, loopCount: 2) { server in
                let idle = try TestClient(server.address)
                try idle.get("/")
                _ = try idle.response()
                let busy = try TestClient(server.address)
                try busy.get("/slow")
                #expect(!busy.hasBytes(within: 20))
                server.stopAccepting()
                async let stopped: Void = server.stop(within: .seconds(30))
                #expect(try idle.endsHere() == .orderly)
                fill.settle()
                let response = try busy.response()
                #expect(response.text == "resumed")
                #expect(response.fields["connection"] == "close")
                #expect(try busy.endsHere() == .orderly)
                await stopped
                #expect(server.connectionCount == 0)
                #expect(throws: Errno.connectionRefused) { try TestClient(server.address) }
            }
        }

        @Test("the deadline of a stop resets what is left")
        func stopDeadline() async throws {
            let fill = Fill()
            let responder = ScriptedResponder { _ in .pending(Pending(fill: fill, rounds: 0)) }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(!client.hasBytes(within: 20))
                await server.stop(within: .milliseconds(50))
                #expect(try client.endsHere() == .reset)
                #expect(await responder.outcomes(1).first?.isComplete == false)
            }
        }

        @Test("a later stop does not lengthen the time that an earlier one gave")
        func laterStop() async throws {
            let fill = Fill()
            let responder = ScriptedResponder { _ in .pending(Pending(fill: fill, rounds: 0)) }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(!client.hasBytes(within: 20))
                // Immediate: each has told the loop before the next line runs.
                let first = Task.immediate { await server.stop(within: .milliseconds(200)) }
                let second = Task.immediate { await server.stop(within: .seconds(50)) }
                #expect(try client.endsHere() == .reset)
                await first.value
                await second.value
            }
        }

        @Test(
            "an address in use is an error of its own, also with shared ports", arguments: [1, 2])
        func inUse(loopCount: Int) async throws {
            try await withServer(ScriptedResponder(), loopCount: loopCount) { server in
                #expect(throws: ServerError.addressInUse) {
                    try HTTPServer(
                        server.address, loopCount: loopCount, responder: ScriptedResponder())
                }
            }
        }

        @Test("an address that is not ours is an error")
        func notOurs() {
            #expect(throws: ServerError.addressNotAvailable(.addressNotAvailable)) {
                try HTTPServer(
                    SocketAddress(bytes: [192, 0, 2, 1], port: 0), responder: ScriptedResponder())
            }
        }

        struct Address: Sendable, CustomTestStringConvertible {
            let text: String
            /// Nil when it is refused.
            let description: String?
            var testDescription: String { text }
        }

        static let addresses: [Address] = [
            Address(text: "127.0.0.1:8080", description: "127.0.0.1:8080"),
            Address(text: "0.0.0.0:0", description: "0.0.0.0:0"),
            Address(text: "localhost:80", description: "127.0.0.1:80"),
            Address(text: "[::1]:8080", description: "[0:0:0:0:0:0:0:1]:8080"),
            Address(text: "[::]:65535", description: "[0:0:0:0:0:0:0:0]:65535"),
            Address(text: "127.0.0.1", description: nil),
            Address(text: "127.0.0.1:", description: nil),
            Address(text: "127.0.0.1:65536", description: nil),
            Address(text: "127.0.0.1:-1", description: nil),
            Address(text: "127.0.0.1:+1", description: nil),
            Address(text: "127.0.0:80", description: nil),
            Address(text: "::1:80", description: nil),
            Address(text: "[::1:80", description: nil),
            Address(text: "[127.0.0.1]:80", description: nil),
            Address(text: "index.example:80", description: nil),
            Address(text: ":80", description: nil),
            Address(text: "", description: nil),
        ]

        @Test("addresses to listen on", arguments: addresses)
        func address(_ row: Address) {
            #expect(SocketAddress(row.text)?.description == row.description)
        }

        @Test func versionSix() async throws {
            let address = try #require(SocketAddress("[::1]:0"))
            let server = try HTTPServer(address, loopCount: 2, responder: ScriptedResponder())
            try server.start()
            let client = try TestClient(server.address)
            try client.get("/")
            #expect(try client.response().text == "hello")
            await server.stop(within: .zero)
        }
    }
}
