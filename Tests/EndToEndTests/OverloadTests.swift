import Foundation
import Support
import Testing

extension EndToEnd {
    /// More clients than the server can please, and clients that take nothing.
    @Suite(.serialized)
    struct Overload {
        private struct SlowResult: Decodable, Sendable {
            /// The 99th percentiles of normal requests, without and with the slow readers.
            let pairs: [[Double]]
            let bad: Int
            let held: Int
            let ended: Int
        }

        private struct Result: Decodable, Sendable {
            /// Capacity and goodput in files a second, and the seconds until the last refusal, of each
            /// round.
            let rounds: [[Double]]
            let shed: Int
            let statuses: [String: Int]
            let unexplained: Int
            let wrong: Int
            let files: Int
            let hits: Int
            let badHits: Int
            let longestHit: Double
            let hitPercentile: Double
        }

        /// Runs a script of these tests; its last line is the result.
        private static func run<Outcome: Decodable>(
            _ script: String, _ words: String...
        ) async throws -> Outcome {
            let outcome = try await ChildProcess.run(
                ["python3", Machine.script(script)] + words, within: 900)
            try #require(outcome.isGood, "\(outcome.output)")
            let line = try #require(outcome.output.split(separator: "\n").last)
            return try JSONDecoder().decode(Outcome.self, from: Foundation.Data(line.utf8))
        }

        @Test(
            "L-3: 1,000 readers that take 10 bytes a second: others are served as before",
            .timeLimit(.minutes(5)))
        func slowReaders() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("long", Pattern(byteCount: 16 << 20, seed: 5))
            // All of them come from one address here.
            let home = try LarderHome(
                upstream: upstream.index, settings: "limits:\n  connections_per_peer: 4000\n")
            let larder = try await home.start()
            #expect(try await larder.get(file.target).isGood)
            let memory = larder.anonymousByteCount
            // The rate is judged over windows of half a minute.
            let result: SlowResult = try await Self.run(
                "slow_readers.py", "\(larder.port)", file.target, "/pypi/simple/long/", "1000",
                Machine.isFull ? "150" : "0")
            let growth = larder.anonymousByteCount - memory
            print("slow readers: p99 in seconds \(result.pairs),", "\(growth >> 20) MiB more")
            #expect(result.held == 1_000, "\(result)")
            #expect(result.bad == 0)
            // Below some milliseconds it is the machine's scheduler that is measured.
            #expect(result.pairs.contains { $0[1] <= max(2 * $0[0], 0.005) })
            #expect(growth < 64 << 20)
            if Machine.isFull { #expect(result.ended == 1_000) }
        }

        @Test(
            "L-7: twice as many cold files as it can bring: shed, no collapse, and back in 10 s",
            .timeLimit(.minutes(15)))
        func overload() async throws {
            let upstream = try Upstream()
            let bytes = Pattern(byteCount: 8_192, seed: 4).bytes
            // Enough for the whole run, and each asked for once.
            let count = Machine.isFull ? 150_000 : 12_000
            let hash = sha256(bytes)
            func file(_ number: String) -> Upstream.File {
                Upstream.File(
                    name: "flood-\(number)-py3-none-any.whl", body: .bytes(bytes), sha256: hash,
                    byteCount: bytes.count)
            }
            upstream.publish("flood", (1...count).map { file("\($0)") })
            let held = try upstream.publish("held", Pattern(byteCount: 100_000, seed: 3))
            // Each takes its time, 3 to 7 s, so that what is scarce is places and no core.
            for number in 1...count {
                let pace = OriginAnswer.Pace(
                    byteCount: 1_024, milliseconds: 375 + 62 * (number % 9))
                upstream.origin.route(
                    file("\(number)").path, OriginAnswer.bytes(bytes).with(\.pace, pace))
            }
            // In memory where that can be: a disk that others use as well would be what is measured.
            let disk = Machine.canMount ? try MountedFolder(mebibytes: 512) : nil
            let home = try LarderHome(
                upstream: upstream.index, store: disk.map { $0.path + "/data" })
            defer { withExtendedLifetime(disk) {} }
            let larder = try await home.start()
            #expect(try await larder.get("/pypi/simple/flood/").isGood)
            #expect(try await larder.get(held.target).isGood)
            let result: Result = try await Self.run(
                "overload.py", "\(larder.port)", file("#").target, "\(bytes.count)", "250", "12",
                Machine.isFull ? "300" : "12", Machine.isFull ? "3" : "2", held.target)
            print("overload: \(result)")
            #expect(result.files < count)
            #expect(result.rounds.contains { $0[1] >= 0.8 * $0[0] && $0[2] <= 10 })
            #expect(result.shed > 0)
            #expect(Set(result.statuses.keys) == ["200", "503"])
            #expect(result.unexplained == 0 && result.wrong == 0)
            #expect(result.badHits == 0)
            #expect(result.hitPercentile < 1)
        }
    }
}
