import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// What a hit costs, counted by valgrind: a figure that does not depend on what else the machine does.
    @Suite(
        .serialized,
        .enabled(
            if: Machine.mustRunAll
                || FileManager.default.isExecutableFile(atPath: Machine.valgrind),
            "valgrind is missing"))
    struct Instructions {
        private static let count = 500

        /// The server under valgrind.
        private struct Subject {
            let larder: Larder
            let scratch: TemporaryFolder
            var counts: String { scratch.path + "/counts" }

            /// Instructions of all threads since the last call.
            func instructions(part: Int) async throws -> Int {
                let asked = try await ChildProcess.run([
                    "callgrind_control", "--dump", "\(larder.process.pid)",
                ])
                #expect(asked.isGood, "\(asked.output)")
                return try await eventually("valgrind's part \(part)", within: 60) {
                    let file = "\(counts).\(part)"
                    guard FileManager.default.fileExists(atPath: file) else { return nil }
                    let text = String(
                        decoding: try TemporaryFolder.bytes(of: file), as: UTF8.self)
                    return text.firstMatch(of: /\ntotals: (\d+)/).flatMap { Int($0.1) }
                }
            }

            func ask(_ status: Int, _ target: String, _ fields: [String]) async throws {
                let outcome = try await ChildProcess.run(
                    [
                        "python3", Machine.script("repeat.py"), "\(larder.port)", "\(count)",
                        "\(status)", target,
                    ] + fields)
                #expect(outcome.output == "\(count)\n", "\(outcome.output)")
            }
        }

        private static func subject(_ upstream: Upstream) async throws -> Subject {
            let scratch = try TemporaryFolder()
            let home = try LarderHome(
                upstream: upstream.index,
                wrapper: [
                    Machine.valgrind, "--tool=callgrind",
                    "--callgrind-out-file=\(scratch.path)/counts",
                ])
            let larder = try home.launch()
            try await eventually("larder listens under valgrind", within: 120, pause: 100) {
                larder.listens() ? true : nil
            }
            return Subject(larder: larder, scratch: scratch)
        }

        @Test(
            "a page, a 304 and a file of 20 kB that are stored, with their lines in the log",
            .timeLimit(.minutes(5)))
        func hits() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("small", Pattern(byteCount: 20_000, seed: 1))
            let subject = try await Self.subject(upstream)
            let page = "/pypi/simple/small/"
            let json = "Accept: application/vnd.pypi.simple.v1+json"
            let first = try await subject.larder.get(page, fields: [json])
            let tag = try #require(first.headers["etag"])
            #expect(try await subject.larder.get(file.target).isGood)
            var part = 0
            for (name, target, status, fields, limit) in [
                ("page", page, 200, [json], 23_000),
                ("304", page, 304, [json, "If-None-Match: \(tag)"], 23_000),
                ("file", file.target, 200, [], 23_000),
            ] {
                // Not counted: what is made once, and the connection's own cost is little.
                for isCounted in [false, true] {
                    try await subject.ask(status, target, fields)
                    part += 1
                    let sum = try await subject.instructions(part: part)
                    guard isCounted else { continue }
                    print("instructions of a \(name): \(sum / Self.count)")
                    #expect(sum / Self.count < limit, "\(name)")
                }
            }
        }
    }
}
