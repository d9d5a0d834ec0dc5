import Foundation
import Support
import Testing

extension EndToEnd {
    /// The four attacks of slowhttptest, from one address that has all the connections it may have.
    @Suite(.serialized)
    struct SlowAttacks {
        enum Attack: String, Sendable, CaseIterable, CustomTestStringConvertible {
            case slowHeaders = "-H"
            case slowBody = "-B"
            case manyRanges = "-R"
            case slowRead = "-X"

            var testDescription: String { "slowhttptest \(rawValue)" }

            /// What is special about it; `-x` bounds the length of what is sent each time.
            func words(_ target: String) -> [String] {
                switch self {
                case .slowHeaders: ["-t", "GET", "-i", "1", "-x", "24", "-u", target]
                case .slowBody: ["-t", "POST", "-s", "8192", "-i", "1", "-x", "10", "-u", target]
                case .manyRanges: ["-t", "HEAD", "-a", "10", "-b", "3000", "-u", target]
                case .slowRead:
                    ["-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "3", "-u", target]
                }
            }
        }

        private struct Figures: Decodable, Sendable {
            let longest: Double
            let count: Int
            let bad: Int
        }

        private static let program = "/usr/bin/slowhttptest"

        @Test(
            "H-4: 1,000 slow connections of one client: others are answered within a second",
            .timeLimit(.minutes(6)),
            .enabled(
                if: FileManager.default.isExecutableFile(atPath: program) || Machine.mustRunAll,
                "slowhttptest is missing: run scripts/setup --tests"),
            arguments: Attack.allCases)
        func answered(_ attack: Attack) async throws {
            // Where another process has the machine, all are late: one of three attacks.
            for round in 1...3 {
                let longest = try await Self.longest(under: attack)
                if longest < 1 { break }
                #expect(round < 3, "a second is over: \(longest) s, in each of three attacks")
            }
        }

        /// The longest time in seconds that somebody else waited during an attack on a new server.
        private static func longest(under attack: Attack) async throws -> Double {
            let seconds = Machine.isFull ? 60 : 4
            let upstream = try Upstream()
            let file = try upstream.publish("long", Pattern(byteCount: 4 << 20, seed: 5))
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            #expect(try await larder.get(file.target).isGood)
            let memory = larder.anonymousByteCount
            let path = attack == .slowBody ? "/npm/-/npm/v1/security/advisories/bulk" : file.target
            let target = "http://127.0.0.1:\(larder.port)\(path)"
            let words =
                [program, attack.rawValue, "-c", "1000", "-r", "1000", "-l", "\(seconds)"]
                + ["-p", "3"] + attack.words(target)
            async let attacked = ChildProcess.run(words, within: Double(seconds) + 60)
            let probe = try await ChildProcess.run(
                [
                    "python3", Machine.script("probe.py"), "\(larder.port)", "\(seconds)",
                    "/healthz", "/pypi/simple/long/",
                ], within: Double(seconds) + 60)
            let outcome = try await attacked
            try #require(probe.isGood, "\(probe.output)")
            let line = try #require(probe.output.split(separator: "\n").last)
            let figures = try JSONDecoder().decode(
                [String: Figures].self, from: Foundation.Data(line.utf8))
            let growth = (larder.anonymousByteCount - memory) >> 20
            print("\(attack.testDescription): \(figures), \(growth) MiB more")
            for (target, figure) in figures {
                #expect(figure.bad == 0, "\(target)")
                #expect(figure.longest >= 1 || figure.count > 10, "\(target)")
            }
            #expect(growth < 64)
            // It had its connections, so that there was something to defend against.
            #expect(outcome.output.contains("slow HTTP test status"), "\(outcome.output)")
            #expect(try await larder.get("/healthz").isGood)
            try #require(figures.count == 2)
            return figures.values.map(\.longest).max() ?? .infinity
        }
    }
}
