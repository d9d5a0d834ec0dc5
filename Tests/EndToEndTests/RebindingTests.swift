import Foundation
import Support
import Testing

extension EndToEnd {
    /// Names that lead to inner addresses.
    @Suite(.serialized)
    struct Rebinding {
        private struct Result: Decodable, Sendable {
            let index: Int
            let isListed: Bool
            let statuses: [String: [Int]]
            let connections: [String]
            let asked: [String: Int]
        }

        @Test(
            "U-15: names of inner addresses, now and then or among public ones: nobody connects",
            .timeLimit(.minutes(2)),
            .enabled("a network of its own is not permitted") {
                let trial = try await ChildProcess.run(["unshare", "--net", "--mount", "true"])
                return Machine.canMount && trial.isGood
            })
        func names() async throws {
            let scratch = try TemporaryFolder()
            let outcome = try await ChildProcess.run([
                "unshare", "--net", "--mount", "python3", Machine.script("rebinding.py"),
                Machine.binary, scratch.path, Machine.isFull ? "50" : "6",
            ])
            try #require(outcome.isGood, "\(outcome.output)")
            let line = try #require(outcome.output.split(separator: "\n").last)
            let result = try JSONDecoder().decode(Result.self, from: Foundation.Data(line.utf8))
            print("rebinding: \(result)")
            // The configured repository is at a loopback address: names work, and so does that.
            #expect(result.index == 200 && result.isListed)
            #expect(result.connections == [])
            #expect(result.statuses.count == 11)
            for (name, statuses) in result.statuses {
                let mayBePublic = name.hasPrefix("rebind")
                // Where the public one is dialled, this network has no way to it.
                #expect(mayBePublic || statuses == [502], "\(name) \(statuses)")
                #expect(Set(statuses).isSubset(of: [502, 503]), "\(name) \(statuses)")
                #expect(result.asked[name] ?? 0 > 0, "\(name)")
            }
        }
    }
}
