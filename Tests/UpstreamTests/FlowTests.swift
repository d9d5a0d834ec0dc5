import Backends
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct FlowTests {
    private static let capacity = 256 << 10

    @Test("a slow reader holds the origin back")
    func backpressure() async throws {
        let fetching = try Fetching(sendBufferByteCount: 64 << 10)
        let pattern = Pattern(byteCount: 32 << 20)
        fetching.origin.route("/big", OriginAnswer(200, .pattern(pattern)))
        fetching.origin.route("/tick", .text("tick"))
        let response = try await fetching.fetch("/big")
        let body = try #require(response.body as? TransferBody)
        var count = 0
        var pieces = 0
        while let piece = try await body.next() {
            #expect(piece.count <= Self.capacity + (16 << 10))
            #expect(piece == pattern.bytes(count..<count + piece.count))
            count += piece.count
            pieces += 1
            // Time enough for the loop to read more than fits, were it not held back.
            if pieces % 8 == 0 { _ = try await fetching.body(fetching.request("/tick")) }
        }
        #expect(count == pattern.byteCount)
        #expect(body.peakByteCount <= 512 << 10)
        // It did fill up, so the transfer was held and resumed.
        #expect(body.peakByteCount >= Self.capacity)
    }

    @Test("an unread body stops the origin, and time held back does not count")
    func heldBack() async throws {
        let fetching = try Fetching(sendBufferByteCount: 64 << 10)
        let pattern = Pattern(byteCount: 32 << 20)
        fetching.origin.route("/big", OriginAnswer(200, .pattern(pattern)))
        fetching.origin.route("/hang", .blackhole)
        var request = fetching.request("/big")
        request.limits.pause = .milliseconds(500)
        let response = try await fetching.client.fetch(request)
        // Another transfer's time-out is the clock: far longer than the pause of the first.
        var hanging = fetching.request("/hang")
        hanging.limits.firstByte = .milliseconds(2_500)
        await #expect(throws: UpstreamError.timedOut(.head)) {
            try await fetching.client.fetch(hanging)
        }
        // What the kernels hold on loopback comes on top of ours.
        #expect(fetching.origin.ledger.sentByteCount("/big") < 16 << 20)
        #expect(try await response.body.whole().count == pattern.byteCount)
    }

    @Test("the first bytes come before the rest is there")
    func firstByte() async throws {
        let fetching = try Fetching()
        let gate = Gate()
        fetching.origin.route(
            "/a",
            OriginAnswer.pattern(1_000).with(\.cut, .init(afterByteCount: 10, kind: .gate(gate))))
        let response = try await fetching.fetch("/a")
        let pattern = Pattern(byteCount: 1_000)
        #expect(try await response.body.next() == pattern.bytes(0..<10))
        gate.open()
        #expect(try await response.body.whole() == pattern.bytes(10..<1_000))
    }

    @Test("cancelling the task ends the wait for the head, and the transfer")
    func cancelHead() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/hang", .blackhole)
        let task = Task { try await fetching.fetch("/hang") }
        await fetching.origin.ledger.requests(1, to: "/hang")
        task.cancel()
        await #expect(throws: UpstreamError.cancelled) { _ = try await task.value }
        await fetching.origin.connectionsOpen(0)
    }

    @Test("cancelling the task ends the wait for the body, and the transfer")
    func cancelBody() async throws {
        let fetching = try Fetching()
        fetching.origin.route(
            "/a", OriginAnswer.pattern(1_000).with(\.cut, .init(afterByteCount: 10, kind: .stall)))
        let response = try await fetching.fetch("/a")
        #expect(try await response.body.next()?.count == 10)
        let task = Task { try await response.body.next() }
        task.cancel()
        await #expect(throws: UpstreamError.cancelled) { _ = try await task.value }
        await #expect(throws: UpstreamError.cancelled) { _ = try await response.body.next() }
        await fetching.origin.connectionsOpen(0)
    }

    @Test("a task that is cancelled before it begins sends nothing for long")
    func cancelledBefore() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/hang", .blackhole)
        let gate = Gate()
        let task = Task {
            await gate.pass()
            return try await fetching.fetch("/hang")
        }
        task.cancel()
        gate.open()
        await #expect(throws: UpstreamError.cancelled) { _ = try await task.value }
        await fetching.origin.connectionsOpen(0)
    }

    @Test("ending or dropping a body ends its transfer", arguments: [true, false])
    func endedBody(_ isDropped: Bool) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/endless", .endlessBody)
        var request = fetching.request("/endless")
        request.limits.bodyBytes = 1 << 40
        var response: UpstreamResponse? = try await fetching.client.fetch(request)
        _ = try await response?.body.next()
        if isDropped {
            response = nil
        } else {
            response?.body.cancel()
            response?.body.cancel()
        }
        await fetching.origin.connectionsOpen(0)
        if !isDropped {
            await #expect(throws: UpstreamError.cancelled) { _ = try await response?.body.next() }
        }
    }

    @Test("a hundred at once, each with its own bytes")
    func concurrent() async throws {
        let fetching = try Fetching()
        for index in 0..<100 {
            fetching.origin.route("/\(index)", .pattern(20_000 + index, seed: UInt32(index)))
        }
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<100 {
                group.addTask {
                    let bytes = try await fetching.body(fetching.request("/\(index)"))
                    return bytes == Pattern(byteCount: 20_000 + index, seed: UInt32(index)).bytes
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == 100)
        #expect(fetching.origin.ledger.requests.count == 100)
    }

    @Test("requests one after another share a connection")
    func reuse() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .pattern(300_000))
        for _ in 0..<20 { _ = try await fetching.body(fetching.request("/a")) }
        #expect(fetching.origin.ledger.connectionCount == 1)
        #expect(fetching.origin.ledger.count("/a") == 20)
    }

    @Test("other credentials and other rules never share a connection, rule U3")
    func pools() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        var policies = [UpstreamPolicy(home: fetching.origin.origin)]
        policies.append(policies[0])
        policies[1].credential = Credential(authorization: "Bearer one")
        policies.append(policies[0])
        policies[2].credential = Credential(authorization: "Bearer two")
        policies.append(policies[0])
        policies[3].allowsPrivateAddresses = true
        for _ in 0..<3 {
            for policy in policies {
                var request = fetching.request("/a")
                request.policy = policy
                _ = try await fetching.body(request)
            }
        }
        #expect(fetching.origin.ledger.connectionCount == 4)
        for policy in policies {
            let authorization = policy.credential?.authorization
            let connections = fetching.origin.ledger.requests
                .filter { $0.headers["authorization"] == authorization }.map(\.connection)
            #expect(Set(connections).count == (authorization == nil ? 2 : 1))
        }
    }

    @Test("requests with tokens share connections with each other only")
    func tokens() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        for round in 0..<10 {
            var request = fetching.request("/a")
            if round > 0 {
                let credential = Credential(authorization: "Bearer \(round)")
                request.token = OriginToken(origin: fetching.origin.origin, credential: credential)
            }
            _ = try await fetching.body(request)
        }
        let requests = fetching.origin.ledger.requests
        #expect(fetching.origin.ledger.connectionCount == 2)
        #expect(requests.map(\.connection) == [1] + Array(repeating: 2, count: 9))
        #expect(requests.last?.headers["authorization"] == "Bearer 9")
    }

    @Test("a kept connection that the origin has closed is replaced")
    func closedMeanwhile() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .text("a"))
        for round in 1...5 {
            #expect(try await fetching.body(fetching.request("/a")) == Array("a".utf8))
            try fetching.origin.restart()
            #expect(fetching.origin.ledger.connectionCount == round)
        }
    }

    @Test("many transfers, ended at every moment, leave nothing behind")
    func churn() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .pattern(2 << 20))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    guard let response = try? await fetching.fetch("/a") else { return }
                    for _ in 0..<index % 5 { _ = try? await response.body.next() }
                    if index % 2 == 0 { response.body.cancel() }
                }
            }
        }
        fetching.client.close()
        await fetching.origin.connectionsOpen(0)
    }
}
