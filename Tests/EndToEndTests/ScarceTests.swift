import Foundation
import Support
import Testing

extension EndToEnd {
    /// Locks, descriptors and disks that are not to be had for a while.
    @Suite(.serialized)
    struct Scarce {
        /// The 99th percentile of hits in milliseconds: the best one of four times a hundred, since other
        /// programs may have the machine for a moment.
        private static func hits(
            _ file: Upstream.File, from larder: Larder
        ) async throws -> Double {
            var best = Double.infinity
            for _ in 0..<4 {
                var times: [Double] = []
                for _ in 0..<100 {
                    times.append(
                        try await milliseconds {
                            let hit = try await larder.get(file.target)
                            #expect(hit.isGood, "a hit: \(hit.testDescription)")
                        })
                }
                best = min(best, times.sorted()[98])
            }
            return best
        }

        @Test(
            "B-6: another program locks the database: hits go on, misses wait 5 s at most and arrive",
            .timeLimit(.minutes(2)))
        func locked() async throws {
            let seconds = Machine.faults > 6 ? 10 : 7
            let upstream = try Upstream()
            let hit = try upstream.publish("hit", Pattern(byteCount: 40_000, seed: 1))
            let misses = try (0..<12).map { number in
                try upstream.publish(
                    "miss\(number)", Pattern(byteCount: 50_000, seed: UInt32(number + 2)))
            }
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            try await home.expectAll([hit], from: larder, "stored")
            try await home.settle([hit], from: larder)
            let before = try await Self.hits(hit, from: larder)
            let program = """
                import sqlite3, sys, time
                connection = sqlite3.connect(sys.argv[1], isolation_level=None)
                connection.execute("BEGIN IMMEDIATE")
                print("locked", flush=True)
                time.sleep(\(seconds))
                """
            let scratch = try TemporaryFolder()
            let locker = try ChildProcess(
                ["python3", "-c", program, home.store + "/larder.sqlite"], environment: [:],
                folder: scratch.path, log: scratch.path + "/log")
            try await eventually("the lock is held") {
                try TemporaryFolder.bytes(of: scratch.path + "/log").isEmpty ? nil : true
            }
            let (longest, during) = try await withThrowingTaskGroup(of: Double.self) { group in
                for file in misses {
                    group.addTask {
                        try await milliseconds {
                            try await home.expectAll([file], from: larder, "while locked")
                        }
                    }
                }
                // Not against a machine that is busy with the misses themselves.
                try await eventually("the misses wait for the database") {
                    misses.allSatisfy { upstream.ledger.count($0.path) > 0 } ? true : nil
                }
                let during = try await Self.hits(hit, from: larder)
                return (try await group.reduce(0, max), during)
            }
            print("B-6: hits p99 \(before) ms, locked \(during) ms; misses \(longest) ms at most")
            #expect(during <= 2 * before + 20)
            #expect(longest < Double(seconds + 5) * 1_000)
            #expect(try await locker.end(within: 30) == .exit(0))
            // The database takes rows again.
            let late = try upstream.publish("late", Pattern(byteCount: 50_000, seed: 99))
            try await home.expectAll([late], from: larder, "unlocked")
            try await larder.stop()
            let again = try await home.start()
            try await home.expectSound([hit, late] + misses, from: again, "B-6")
            #expect(upstream.ledger.count(late.path) == 1)
        }

        @Test(
            "L-8: 256 descriptors and 400 connections: refused, no spinning, and well again",
            .timeLimit(.minutes(5)))
        func descriptors() async throws {
            let upstream = try Upstream()
            let files = try (0..<4).map { number in
                try upstream.publish(
                    "few\(number)", Pattern(byteCount: 400_000, seed: UInt32(number + 1)))
            }
            let home = try LarderHome(
                upstream: upstream.index, wrapper: ["prlimit", "--nofile=256:256"])
            let larder = try await home.start()
            try await home.expectAll(files, from: larder, "before")
            let before = larder.descriptorCount
            do {
                let port = larder.port
                let sockets = try await onThread {
                    try (0..<400).map { _ in try LoopbackSocket.connected(to: UInt16(port)) }
                }
                let spent = larder.processorSeconds
                try await Task.sleep(for: .seconds(2))
                let spinning = larder.processorSeconds - spent
                print("L-8: \(spinning) s of processor in 2 s with 400 connections")
                #expect(spinning < 0.6)
                #expect(larder.process.ending == nil)
                withExtendedLifetime(sockets) {}
            }
            try await eventually("descriptors are free again", within: 20) {
                larder.descriptorCount <= before + 8 ? true : nil
            }
            try await home.expectSound(files, from: larder, "L-8")
        }

        struct Refusal: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let injection: Injection
        }

        /// From the second call of a thread on: the first may be the start's own look at the folder.
        static let refusals: [Refusal] = [
            Refusal(
                testDescription: "a read-only file system",
                injection: Injection(
                    calls: "openat", fault: "error=EROFS", when: "2+", path: "staging")),
            Refusal(
                testDescription: "no permission",
                injection: Injection(
                    calls: "openat", fault: "error=EACCES", when: "2+", path: "staging")),
            Refusal(
                testDescription: "no descriptor left",
                injection: Injection(
                    calls: "openat", fault: "error=EMFILE", when: "2+", path: "staging")),
            Refusal(
                testDescription: "names that cannot be given",
                injection: Injection(
                    calls: "renameat2", fault: "error=EROFS", when: "1+")),
            Refusal(
                testDescription: "shards that cannot be made",
                injection: Injection(
                    calls: "mkdirat", fault: "error=EROFS", when: "1+", path: "blobs")),
        ]

        @Test(
            "K-7: a data folder that takes no files: hits are served, misses pass through, /readyz says it",
            .timeLimit(.minutes(5)),
            .enabled(if: Machine.canTrace, "strace is missing or may not trace"),
            arguments: refusals)
        func unwritable(_ row: Refusal) async throws {
            let upstream = try Upstream()
            let files = try (0..<16).map { number in
                let size = number.isMultiple(of: 2) ? 900_000 : 9_000
                return try upstream.publish(
                    "full\(number)", Pattern(byteCount: size + number, seed: UInt32(number + 1)))
            }
            let (stored, cold) = (Array(files[..<4]), Array(files[4...]))
            let home = try LarderHome(upstream: upstream.index)
            let first = try await home.start()
            try await home.expectAll(stored, from: first, "stored")
            try await home.settle(stored, from: first)
            try await first.stop()
            let larder = try await home.start(under: row.injection)
            try await home.expectAll(stored, from: larder, "hits, \(row.testDescription)")
            try await home.expectAll(cold, from: larder, "misses, \(row.testDescription)")
            try await home.expectAll(stored, from: larder, "hits again, \(row.testDescription)")
            #expect(stored.allSatisfy { upstream.ledger.count($0.path) == 1 })
            #expect(try await larder.get("/readyz").text.hasPrefix("ready, degraded: "))
            try await larder.stop()
            #expect(try await !Trace(of: larder).injected.isEmpty)
            let healthy = try await home.start()
            try await home.expectSound(files, from: healthy, row.testDescription)
        }

        @Test(
            "K-8: every write takes 300 ms longer: hits are as quick as before",
            .timeLimit(.minutes(5)),
            .enabled(if: Machine.canTrace, "strace is missing or may not trace"))
        func slowDisk() async throws {
            let upstream = try Upstream()
            let hit = try upstream.publish("hit", Pattern(byteCount: 40_000, seed: 1))
            let home = try LarderHome(upstream: upstream.index)
            let first = try await home.start()
            try await home.expectAll([hit], from: first, "stored")
            let before = try await Self.hits(hit, from: first)
            try await first.stop()
            let cold = try (0..<(Machine.faults > 6 ? 4 : 1)).map { number in
                try upstream.publish(
                    "cold\(number)", Pattern(byteCount: 600_000, seed: UInt32(number + 2)))
            }
            let larder = try await home.start(
                under: Injection(calls: "pwrite64", fault: "delay_enter=300000", when: "1+"))
            try await home.expectAll([hit], from: larder, "looked up")
            let during = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await home.expectAll(cold, from: larder, "a slow disk") }
                let during = try await Self.hits(hit, from: larder)
                try await group.waitForAll()
                return during
            }
            print("K-8: hits p99 \(before) ms, with slow writes \(during) ms")
            #expect(during <= 2 * before + 20)
            try await larder.stop()
            let healthy = try await home.start()
            try await home.expectSound([hit] + cold, from: healthy, "K-8")
        }
    }
}
