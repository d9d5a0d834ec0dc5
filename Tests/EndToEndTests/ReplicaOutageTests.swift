import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Three servers whose database or bucket goes away.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible, "PostgreSQL, PgBouncer and SeaweedFS are not all installed"))
    struct ReplicaOutages {
        private static let isFull = Replicas.isFull

        /// What came of requests: by their kind, those that got the right bytes, and others.
        private struct Tally: Sendable {
            var goodCount = 0
            var refusedCount = 0
            var failures: [String] = []
            var longest = 0.0

            mutating func add(
                _ answer: Exchange?, of file: Upstream.File, seconds: Double, mayBeRefused: Bool
            ) {
                longest = max(longest, seconds)
                if let answer, answer.isGood, sha256(answer.body) == file.sha256 {
                    goodCount += 1
                } else if mayBeRefused, let answer, answer.status == 503,
                    answer.headers["retry-after"] != nil
                {
                    refusedCount += 1
                } else {
                    failures.append("\(file.name): \(answer?.testDescription ?? "no answer")")
                }
            }

            mutating func ask(
                _ larder: Larder, for file: Upstream.File, mayBeRefused: Bool = false
            ) async {
                let begun = ContinuousClock.now
                let answer = try? await larder.get(file.target)
                let seconds = begun.duration(to: .now) / .seconds(1)
                add(answer, of: file, seconds: seconds, mayBeRefused: mayBeRefused)
            }

            static func + (one: Tally, two: Tally) -> Tally {
                Tally(
                    goodCount: one.goodCount + two.goodCount,
                    refusedCount: one.refusedCount + two.refusedCount,
                    failures: one.failures + two.failures, longest: max(one.longest, two.longest))
            }
        }

        /// Has two clients at each server ask for what it knows, until the task is cancelled.
        private static func hits(_ files: [Upstream.File], from larders: [Larder]) async -> Tally {
            await withTaskGroup(of: Tally.self) { group in
                for larder in larders {
                    for client in 0..<2 {
                        group.addTask {
                            var tally = Tally()
                            while !Task.isCancelled {
                                let file = files[(tally.goodCount + client) % files.count]
                                await tally.ask(larder, for: file)
                                // 100 a second and client: the machine has other things to do.
                                try? await Task.sleep(for: .milliseconds(10))
                            }
                            return tally
                        }
                    }
                }
                return await group.reduce(Tally(), +)
            }
        }

        @Test(
            "B-1: the database stopped under load: hits go on, the rest is passed through or refused",
            .timeLimit(.minutes(10)))
        func database() async throws {
            let seconds = Self.isFull ? 60 : 8
            let upstream = try Upstream()
            let known = try upstream.publish(20, "known", byteCount: 50_000)
            let cold = try upstream.publish(seconds * 2, "cold", byteCount: 50_000)
            let bed = try await ReplicaBed(upstream: upstream.index)
            let larders = try await bed.start()
            let warm = try await Herd.run(1, of: known, from: larders.map(\.port))
            #expect(warm.right == 60)
            let load = Task { await Self.hits(known, from: larders) }
            try await onThread { try bed.postgres.stop(.immediate) }
            let end = ContinuousClock.now + .seconds(seconds)
            // Some of them also where the first ones take all of the time.
            let least = Set(cold.prefix(5).map(\.name))
            var passed = Tally()
            for file in cold where ContinuousClock.now < end || least.contains(file.name) {
                // Each at all three at once.
                passed = await withTaskGroup(of: Tally.self) { group in
                    for larder in larders {
                        group.addTask {
                            var tally = Tally()
                            await tally.ask(larder, for: file, mayBeRefused: true)
                            return tally
                        }
                    }
                    return await group.reduce(passed, +)
                }
                try await Task.sleep(for: .milliseconds(300))
            }
            for larder in larders {
                try await eventually("it says so", within: 10) {
                    let text = try await larder.get("/readyz").text
                    return text == "ready, degraded: the database does not answer\n" ? true : nil
                }
            }
            try await onThread { try bed.postgres.start() }
            let back = ContinuousClock.now
            for larder in larders {
                try await eventually("the database is back", within: 10) {
                    try await larder.get("/readyz").text == "ready\n" ? true : nil
                }
            }
            let recovery = back.duration(to: .now) / .seconds(1)
            load.cancel()
            let hits = await load.value
            let transfers = upstream.transfers(of: cold)
            print("B-1: hits", hits, "cold", passed, "most transfers", transfers.max() ?? 0)
            print("B-1: recovery \(recovery) s")
            #expect(hits.failures == [] && hits.goodCount > 100)
            #expect(passed.failures == [] && passed.goodCount > passed.refusedCount)
            #expect(transfers.max() ?? 9 <= 3)
            #expect(recovery < 5)
            try await expectStored(known[0], cold, bed, larders, upstream)
        }

        /// What was passed through is stored with the next request, and nothing else was lost.
        private func expectStored(
            _ known: Upstream.File, _ cold: [Upstream.File], _ bed: ReplicaBed,
            _ larders: [Larder], _ upstream: Upstream
        ) async throws {
            let all = [known] + cold
            let herd = try await Herd.run(1, of: all, from: larders.map(\.port))
            #expect(herd.right == 3 * all.count && herd.wrong == [], "\(herd)")
            let pins = Int(try await bed.ask("SELECT count(*) FROM larder_pins")) ?? 0
            #expect(pins >= 20)
            upstream.origin.stop()
            let again = try await Herd.run(1, of: all, from: larders.map(\.port))
            #expect(again.right == 3 * all.count && again.wrong == [], "\(again)")
            try await ReplicaBed.stop(larders)
        }

        @Test(
            "S-5: the bucket stopped: so many at once come from the upstream, and others wait",
            .timeLimit(.minutes(10)))
        func bucket() async throws {
            let upstream = try Upstream()
            let files = try upstream.publish(50, "stored", byteCount: 50_000)
            let fresh = try upstream.publish("fresh", Pattern(byteCount: 50_000, seed: 99))
            let bed = try await ReplicaBed(2, upstream: upstream.index)
            var larders = try await bed.start()
            let stored = try await Herd.run(2, of: files, from: [larders[0].port], withPages: true)
            #expect(stored.right == 200)
            larders[1] = try await bed.restartEmpty(1, larders[1])
            try await onThread { bed.bucket.stop() }
            let (full, empty) = (larders[0], larders[1])

            let gate = Gate()
            for file in files {
                upstream.origin.route(file.path, file.answer.with(\.gate, gate))
            }
            let count = upstream.ledger.requests.count
            let rescue = Task {
                try await Task.sleep(for: .seconds(60))
                gate.open()
            }
            let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
                for file in files {
                    group.addTask { await Self.insist(on: file, from: empty) }
                }
                var sum = Tally()
                // As many as are refused get their answer while the others wait at the gate; should
                // it be fewer, the others go on all the same.
                for try await tally in group {
                    sum = sum + tally
                    guard sum.refusedCount == files.count - 32, sum.goodCount == 0 else {
                        continue
                    }
                    let passing = try await empty.metric("larder_passing_fills")
                    #expect(passing == 32)
                    gate.open()
                }
                return sum
            }
            rescue.cancel()
            let asked = upstream.asked(below: "/packages/", after: count)
            print("S-5: \(tally), asked for \(asked.count)")
            #expect(tally.failures == [])
            #expect(tally.goodCount == 32 && tally.refusedCount == files.count - 32)
            #expect(asked.count == 32)
            for larder in [full, empty] {
                let state = try await larder.get("/readyz")
                #expect(state.isGood)
                if larder === empty {
                    #expect(state.text == "ready, degraded: the bucket does not answer\n")
                }
            }
            // Clients that come again get all of it, and so they do of what is new.
            let herd = try await Herd.run(2, of: files + [fresh], from: larders.map(\.port))
            #expect(herd.right == 4 * (files.count + 1) && herd.wrong == [], "\(herd)")
            try await eventually("no fill is passing") {
                try await empty.metric("larder_passing_fills") == 0 ? true : nil
            }
            try await ReplicaBed.stop(larders)
        }

        /// Asks, and once more where that is refused: a second look must not make a place.
        private static func insist(on file: Upstream.File, from larder: Larder) async -> Tally {
            var tally = Tally()
            await tally.ask(larder, for: file, mayBeRefused: true)
            guard tally.refusedCount > 0 else { return tally }
            tally = Tally()
            await tally.ask(larder, for: file, mayBeRefused: true)
            return tally
        }
    }
}

extension Upstream {
    /// The paths below `prefix` that were asked for after the first `count` requests.
    fileprivate func asked(below prefix: String, after count: Int) -> [String] {
        ledger.requests.dropFirst(count).map(\.path).filter { $0.hasPrefix(prefix) }
    }
}
