import Foundation
import Support
import Testing

extension EndToEnd {
    /// Three servers of which one dies, or which are replaced one after the other.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible, "PostgreSQL, PgBouncer and SeaweedFS are not all installed"))
    struct ReplicaLoss {
        private static let isFull = Replicas.isFull

        @Test(
            "C-4: the server that fetches is killed while 30 clients wait at the others: all get it",
            .timeLimit(.minutes(10)))
        func killedHolder() async throws {
            let upstream = try Upstream()
            let bed = try await ReplicaBed(upstream: upstream.index)
            var larders = try await bed.start()
            for round in 0..<(Self.isFull ? 20 : 2) {
                let file = try upstream.publish(
                    "held\(round)", Pattern(byteCount: 300_000, seed: UInt32(round + 1)))
                // The first one who asks gets no end of it.
                let stalled = file.answer.with(
                    \.cut, OriginAnswer.Cut(afterByteCount: 100_000, kind: .stall))
                upstream.origin.route(file.path, stalled, file.answer)
                let holder = larders[0]
                let others = Array(larders.dropFirst())
                let lost = Task { try await holder.get(file.target) }
                await upstream.ledger.requests(1, to: file.path)
                async let herd = Herd.run(15, of: [file], from: others.map(\.port))
                for other in others {
                    try await eventually("the other one waits") {
                        try await other.metric("larder_fills_in_flight") > 0 ? true : nil
                    }
                }
                try await holder.kill()
                let result = try await herd
                _ = try? await lost.value
                print("C-4:", result, "transfers", upstream.ledger.count(file.path))
                #expect(result.right == 30 && result.wrong == [] && result.others == [:])
                #expect(upstream.ledger.count(file.path) <= 2)
                // The lease of 5 s, and the transfer.
                #expect(result.longest < 9)
                larders[0] = try await bed.homes[0].start()
            }
            try await ReplicaBed.stop(larders)
        }

        @Test(
            "B-4: servers killed while they fetch: what they held is free again, and no lock stays",
            .timeLimit(.minutes(10)))
        func killedInTheMiddle() async throws {
            let upstream = try Upstream()
            let bed = try await ReplicaBed(1, upstream: upstream.index)
            let count = Self.isFull ? 50 : 4
            let files = try upstream.publish(count, "killed", byteCount: 200_000)
            for file in files {
                let cut = OriginAnswer.Cut(afterByteCount: 50_000, kind: .stall)
                upstream.origin.route(file.path, file.answer.with(\.cut, cut), file.answer)
                let larder = try await bed.homes[0].start()
                let lost = Task { try await larder.get(file.target) }
                await upstream.ledger.requests(1, to: file.path)
                try await larder.kill()
                _ = try? await lost.value
            }
            let held = "SELECT count(*) FROM larder_leases WHERE ends_at > clock_timestamp()"
            #expect(Int(try await bed.ask(held)) ?? 0 >= 1)
            let longer = held + " + interval '5 seconds'"
            #expect(try await bed.ask(longer) == "0")
            let larder = try await bed.homes[0].start()
            let herd = try await Herd.run(2, of: files, from: [larder.port])
            print("B-4:", herd)
            #expect(herd.right == 2 * count && herd.others == [:] && herd.longest < 9)
            let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            #expect(try await bed.ask(locks) == "0")
            #expect(try await larder.stop() == .exit(0))
        }

        /// Which servers get requests: those that say that they want some, as a load balancer has it.
        private final class Balancer: Sendable {
            private let state = Watched((ports: [Int](), next: 0))

            func add(_ port: Int) { state.update { $0.ports.append(port) } }
            func remove(_ port: Int) { state.update { $0.ports.removeAll { $0 == port } } }

            func next() -> Int {
                state.update { state in
                    state.next += 1
                    return state.ports[state.next % state.ports.count]
                }
            }
        }

        private struct Load: Sendable {
            var count = 0
            var failures: [String] = []
        }

        /// Asks for the files again and again, from `count` clients, until the task is cancelled.
        private static func load(
            _ count: Int, _ files: [Upstream.File], through balancer: Balancer
        ) async -> Load {
            await withTaskGroup(of: Load.self) { group in
                for client in 0..<count {
                    group.addTask {
                        var load = Load()
                        while !Task.isCancelled {
                            let file = files[(load.count * 7 + client) % files.count]
                            let port = balancer.next()
                            let answer = try? await Exchange.get(file.target, from: port)
                            load.count += 1
                            if let answer, answer.isGood, sha256(answer.body) == file.sha256 {
                                continue
                            }
                            load.failures.append(
                                "\(file.name): \(answer?.testDescription ?? "none")")
                        }
                        return load
                    }
                }
                return await group.reduce(into: Load()) { sum, load in
                    sum.count += load.count
                    sum.failures += load.failures
                }
            }
        }

        @Test(
            "C-7: three servers are replaced one after the other under load: nobody notices",
            .timeLimit(.minutes(10)))
        func rollingRestart() async throws {
            let upstream = try Upstream()
            let files = try upstream.publish(Self.isFull ? 100 : 30, "rolled", byteCount: 40_000)
            let bed = try await ReplicaBed(
                upstream: upstream.index, settings: "drain_delay_seconds: 4\n")
            let balancer = Balancer()
            var larders = try await bed.start()
            for larder in larders { balancer.add(larder.port) }
            let begun = ContinuousClock.now
            let work = Task { await Self.load(8, files, through: balancer) }
            for round in 0..<(Self.isFull ? 9 : 3) {
                let number = round % 3
                let old = larders[number]
                old.process.signal(SIGTERM)
                try await eventually("it wants no more requests") {
                    try await old.get("/readyz").status == 503 ? true : nil
                }
                balancer.remove(old.port)
                #expect(try await old.process.end() == .exit(0))
                larders[number] = try await bed.homes[number].start()
                balancer.add(larders[number].port)
            }
            work.cancel()
            let load = await work.value
            let rate = Double(load.count) / (begun.duration(to: .now) / .seconds(1))
            let transfers = upstream.transfers(of: files).sorted()
            print("C-7: \(load.count) requests, \(Int(rate))/s, failed", load.failures.prefix(5))
            print("C-7: transfers", transfers)
            #expect(load.failures == [])
            #expect(transfers.last ?? 9 <= 3 && transfers[transfers.count / 2] == 1)
            try await ReplicaBed.stop(larders)
        }
    }
}
