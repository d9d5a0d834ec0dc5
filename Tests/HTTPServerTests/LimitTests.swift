import Engine
import HTTPServer
import Linux
import Support
import Testing

extension ServerTests {
    @Suite struct LimitTests {
        @Test("a head that does not come in time is answered 408")
        func slowHead() async throws {
            var limits = ServerLimits()
            limits.headTimeout = .milliseconds(60)
            let responder = ScriptedResponder()
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send("GET / HTTP/1.1\r\nHost: ")
                #expect(try client.response().status == 408)
                #expect(try client.endsHere() == .orderly)
                #expect(responder.targets.isEmpty)
            }
        }

        @Test("bytes that drip do not extend the time for a head")
        func drip() async throws {
            var limits = ServerLimits()
            limits.headTimeout = .milliseconds(100)
            try await withServer(ScriptedResponder(), limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
                var dripped = 0
                while !client.hasBytes(within: 5), dripped < 1_000 {
                    try client.send("x")
                    dripped += 1
                }
                #expect(try client.response().status == 408)
                #expect(dripped < 200)
            }
        }

        @Test("a body to be drained that does not come in time is answered 408")
        func slowBody() async throws {
            var limits = ServerLimits()
            limits.headTimeout = .milliseconds(60)
            let responder = ScriptedResponder()
            try await withServer(responder, limits: limits) { server in
                let client = try TestClient(server.address)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
                #expect(try client.response().status == 408)
                #expect(responder.targets.isEmpty)
            }
        }

        @Test("an idle connection is closed without a word, before and after requests")
        func idle() async throws {
            var limits = ServerLimits()
            limits.idleTimeout = .milliseconds(60)
            try await withServer(ScriptedResponder(), limits: limits) { server in
                let silent = try TestClient(server.address)
                let used = try TestClient(server.address)
                try used.get("/")
                #expect(try used.response().status == 200)
                #expect(try silent.endsHere() == .orderly)
                #expect(try used.endsHere() == .orderly)
            }
        }

        @Test("L-3: a client that takes nothing is cut off; one that reads is not")
        func slowReader() async throws {
            var limits = ServerLimits()
            limits.sendWindow = .seconds(1)
            let file = try OpenFile.memory(patterned(48 << 20))
            let responder = ScriptedResponder { _ in .file(file) }
            try await withServer(responder, limits: limits) { server in
                let stuck = try TestClient(server.address)
                try stuck.get("/")
                #expect(await responder.outcomes(1).first?.isComplete == false)
                #expect(throws: TestClient.Failure.self) { try stuck.response() }
                #expect(stuck.ending == .reset)
                let reader = try TestClient(server.address)
                try reader.get("/")
                _ = try reader.head()
                // Slower than the window in all, faster than the minimum in each.
                for _ in 0..<6 {
                    _ = try reader.take(8 << 20)
                    _ = stuck.ending
                    #expect(throws: Never.self) { try Self.pause(300, at: server.address) }
                }
                #expect(await responder.outcomes(2).last?.isComplete == true)
            }
        }

        /// Passes time by waiting for an answer that does not come.
        private static func pause(_ milliseconds: Int32, at address: SocketAddress) throws {
            let idle = try TestClient(address)
            #expect(!idle.hasBytes(within: milliseconds))
        }

        @Test("the connection over a limit is answered 503 at once", arguments: [true, false])
        func tooMany(isPerPeer: Bool) async throws {
            var limits = ServerLimits()
            if isPerPeer { limits.connectionCountPerPeer = 3 } else { limits.connectionCount = 3 }
            let responder = ScriptedResponder()
            try await withServer(responder, limits: limits, loopCount: 2) { server in
                var kept: [TestClient] = []
                for _ in 0..<3 {
                    let client = try TestClient(server.address)
                    try client.get("/")
                    #expect(try client.response().status == 200)
                    kept.append(client)
                }
                for _ in 0..<5 {
                    let refused = try TestClient(server.address)
                    try refused.get("/")
                    let response = try refused.response()
                    #expect(response.status == 503)
                    #expect(response.fields["retry-after"] == "1")
                    #expect(response.fields["connection"] == "close")
                    _ = try refused.endsHere()
                }
                #expect(server.connectionCount == 3)
                #expect(responder.targets.count == 3)
                // Room again as soon as one has gone.
                try kept[0].send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                _ = try kept[0].response()
                _ = try kept[0].endsHere()
                let next = try TestClient(server.address)
                try next.get("/")
                #expect(try next.response().status == 200)
            }
        }

        @Test("a thousand idle connections take less than 15 MiB, the clients' side included")
        func idleMemory() async throws {
            try await withServer(ScriptedResponder()) { server in
                let first = try TestClient(server.address)
                try first.get("/")
                _ = try first.response()
                let before = try ProcessFigures.now().anonymousByteCount
                var clients: [TestClient] = []
                for _ in 0..<1_000 {
                    let client = try TestClient(server.address)
                    try client.get("/")
                    _ = try client.response()
                    clients.append(client)
                }
                #expect(server.connectionCount == 1_001)
                let after = try ProcessFigures.now().anonymousByteCount
                #expect(after - before < 15 << 20)
                for client in clients { _ = client.ending }
            }
        }
    }
}
