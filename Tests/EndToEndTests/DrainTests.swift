import Foundation
import Support
import Testing

extension EndToEnd {
    /// Stopping without losing a client.
    @Suite(.serialized)
    struct Drain {
        @Test(
            "C-3: SIGTERM: /readyz is 503 at once, a download under way completes, exit status 0",
            .timeLimit(.minutes(1)))
        func drain() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("drained", Pattern(byteCount: 4 << 20))
            let gate = Gate()
            let cut = OriginAnswer.Cut(afterByteCount: 2 << 20, kind: .gate(gate))
            upstream.origin.route(file.path, file.answer.with(\.cut, cut))
            let home = try LarderHome(
                upstream: upstream.index, settings: "drain_delay_seconds: 5\n")
            let larder = try await home.start()
            #expect(try await larder.get("/readyz").status == 200)
            let download = try Download(file.target, from: larder.port)
            #expect(try await onThread { download.read(past: 1_000) })

            larder.process.signal(SIGTERM)
            let time = try await milliseconds {
                _ = try await eventually("/readyz says no", within: 1, pause: 1) {
                    try await larder.get("/readyz").status == 503 ? true : nil
                }
            }
            print("drain: /readyz turned 503 after \(time) ms")
            // New clients are still served until the load balancer has noticed.
            #expect(try await larder.get("/pypi/simple/drained/").isGood)
            try await eventually("nothing is accepted any more") {
                (try? await larder.get("/healthz")) == nil ? true : nil
            }
            #expect(larder.process.ending == nil)
            gate.open()
            let whole = try await onThread { download.rest() }
            #expect(whole.isGood)
            #expect(sha256(whole.body) == file.sha256)
            #expect(try await larder.process.end(within: 10) == .exit(0))

            let again = try await home.start()
            #expect(try await again.get(file.target).isGood)
            #expect(upstream.ledger.count(file.path) == 1)
        }

        @Test(
            "C-3: SIGTERM during 50 downloads: not ready within 1 s, all complete, exit status 0",
            .timeLimit(.minutes(5)))
        func crowd() async throws {
            let upstream = try Upstream()
            let pattern = Pattern(byteCount: Machine.isFull ? 300_000_000 : 32 << 20, seed: 11)
            let file = try upstream.publish("drained", pattern)
            let late = try upstream.publish("late", Pattern(byteCount: 100_000, seed: 12))
            let gate = Gate()
            let cut = OriginAnswer.Cut(afterByteCount: 1 << 20, kind: .gate(gate))
            upstream.origin.route(file.path, file.answer.with(\.cut, cut))
            let home = try LarderHome(upstream: upstream.index, settings: "drain_seconds: 60\n")
            let larder = try await home.start()
            let isUnderWay = Watched(false)
            async let crowd = Crowd.run(50, of: file, pattern: pattern, from: larder) {
                isUnderWay.update { $0 = true }
            }
            await isUnderWay.until { $0 }
            let begun = ContinuousClock.now
            larder.process.signal(SIGTERM)
            try await eventually("/readyz says no, or nothing is accepted", within: 1, pause: 1) {
                (try? await larder.get("/readyz").status) == 200 ? nil : true
            }
            let turned = begun.duration(to: .now)
            try await eventually("nothing is accepted any more") {
                (try? await larder.get("/healthz")) == nil ? true : nil
            }
            // No new work, while the old is under way.
            #expect((try? await larder.get(late.target)) == nil)
            #expect(larder.process.ending == nil)
            gate.open()
            let (result, _) = try await crowd
            #expect(result.right == 50)
            #expect(result.faults == [])
            #expect(try await larder.process.end(within: 60) == .exit(0))
            print("drain: not ready after \(turned), \(result.right) of 50 downloads complete")
            #expect(upstream.ledger.count(file.path) == 1)
            #expect(upstream.ledger.count(late.path) == 0)
            #expect(!home.holds(late.sha256))
            #expect(try home.damage().wrong == [])
        }

        @Test(
            "probes of the second address: answered while clients have all connections, and drained",
            .timeLimit(.minutes(1)))
        func secondAddress() async throws {
            let reserved = try LoopbackSocket.reserved()
            defer { withExtendedLifetime(reserved) {} }
            let port = Int(reserved.port)
            let home = try LarderHome(
                upstream: try Upstream().index,
                settings: """
                    metrics_listen: 127.0.0.1:\(port)
                    drain_delay_seconds: 5
                    limits:
                      connections: 4

                    """)
            let larder = try await home.start()
            func probe(_ path: String) async throws -> Int {
                try await Exchange.get(path, from: port).status
            }
            // One more client for each answer: a connection that is just ending may have cost an
            // earlier one its place.
            var clients = try (0..<4).map { _ in
                try LoopbackSocket.connected(to: UInt16(larder.port))
            }
            while try await larder.get("/healthz").status != 503 {
                try #require(clients.count < 100)
                clients.append(try LoopbackSocket.connected(to: UInt16(larder.port)))
            }
            #expect(try await probe("/healthz") == 200)
            #expect(try await probe("/readyz") == 200)
            #expect(try await probe("/pypi/simple/") == 404)

            larder.process.signal(SIGTERM)
            try await eventually("it is not ready") {
                try await probe("/readyz") == 503 ? true : nil
            }
            #expect(try await probe("/healthz") == 200)
            withExtendedLifetime(clients) {}
            #expect(try await larder.process.end(within: 15) == .exit(0))
        }

        @Test("SIGTERM the moment it listens, many times: exit status 0", .timeLimit(.minutes(1)))
        func atOnce() async throws {
            let home = try LarderHome(upstream: try Upstream().index)
            for _ in 0..<20 {
                #expect(try await home.start().stop() == .exit(0))
            }
        }
    }
}
