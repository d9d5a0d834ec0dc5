import Foundation
import Support
import Testing

extension EndToEnd {
    /// SIGKILL at random moments.
    @Suite(.serialized)
    struct Crash {
        @Test(
            "C-1: killed during cold fetches: no wrong blob, nothing left half, all fetchable",
            .timeLimit(.minutes(max(10, Machine.rounds * Machine.fetches / 15))))
        func kill() async throws {
            print(
                "C-1: \(Machine.rounds) rounds of \(Machine.fetches) cold fetches,",
                "LARDER_SEED=\(Machine.seed)")
            var random = SeededGenerator(seed: Machine.seed)
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            var interrupted: [Upstream.File] = []
            var stagedCount = 0
            var longestStart = 0.0
            for round in 0..<Machine.rounds {
                var started: Larder?
                let time = try await milliseconds { started = try await home.start() }
                let larder = try #require(started)
                longestStart = max(longestStart, time)
                #expect(home.staged.isEmpty, "round \(round)")
                try await Self.fetch(interrupted, from: larder, round)
                interrupted = try Self.publish(round, to: upstream)
                let delay = Int.random(in: 0...180, using: &random)
                await withTaskGroup(of: Void.self) { group in
                    for file in interrupted {
                        group.addTask { _ = try? await larder.get(file.target, within: 10) }
                    }
                    group.addTask {
                        try? await Task.sleep(for: .milliseconds(delay))
                        try? await larder.kill()
                    }
                }
                stagedCount += home.staged.count
                #expect(larder.process.ending == .init(status: SIGKILL, isSignal: true))
            }
            let (wrong, count) = try home.damage()
            #expect(wrong == [], "of \(count)")
            let larder = try await home.start()
            #expect(home.staged.isEmpty)
            try await Self.fetch(interrupted, from: larder, Machine.rounds)
            try await home.expectSound([], from: larder, "C-1, LARDER_SEED=\(Machine.seed)")
            #expect(longestStart < 3_000)
            // Otherwise nothing was interrupted, and the test has shown nothing.
            print(
                "C-1: \(stagedCount) files were half written, \(count) whole; ready after",
                "\(longestStart.rounded()) ms at most")
            #expect(stagedCount > 0)
        }

        /// Some files, the first time slowly.
        private static func publish(
            _ round: Int, to upstream: Upstream
        ) throws -> [Upstream.File] {
            try (0..<Machine.fetches).map { number in
                let seed = UInt32(round * Machine.fetches + number + 1)
                let size = [40_000, 400_000, 2_000_000][number % 3]
                let file = try upstream.publish(
                    "round\(round)x\(number)", Pattern(byteCount: size, seed: seed))
                let pace = OriginAnswer.Pace(byteCount: max(size / 10, 16_384), milliseconds: 12)
                upstream.origin.route(file.path, file.answer.with(\.pace, pace), file.answer)
                return file
            }
        }

        private static func fetch(
            _ files: [Upstream.File], from larder: Larder, _ round: Int
        ) async throws {
            for file in files {
                let exchange = try await larder.get(file.target)
                #expect(exchange.isGood, "round \(round): \(exchange.status) \(file.name)")
                #expect(sha256(exchange.body) == file.sha256, "round \(round): \(file.name)")
            }
        }
    }
}
