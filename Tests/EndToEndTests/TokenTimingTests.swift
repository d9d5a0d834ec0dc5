import Foundation
import Support
import Testing

extension EndToEnd {
    /// What the time of a refusal tells of a token.
    @Suite(.serialized)
    struct TokenTiming {
        /// Beyond that a difference is one (ISO/IEC 17825).
        private static let limit = 4.5

        @Test(
            "H-8: a guess takes as long whether id, secret or all but its end is right",
            .timeLimit(.minutes(5)))
        func guesses() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(
                upstream: upstream.index, settings: "auth: {required: true}\n")
            let larder = try await home.start()
            let token = try await home.token("ci")
            try await larder.expect(404, of: "/pypi/simple/absent/", with: token)
            let count = min(Machine.rounds * 100, 50_000)
            var found: [Double] = []
            // A difference is there each time, and what else the machine does is not.
            while found.count < 3, found.allSatisfy({ $0 >= Self.limit }) {
                let outcome = try await ChildProcess.run(
                    [
                        "python3", Machine.script("token_timing.py"), "\(larder.port)", token,
                        "\(count)",
                    ],
                    environment: ["PATH": "/usr/bin:/bin"])
                let line = outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
                found.append(try #require(Double(line), "\(outcome.output)"))
            }
            #expect(found.contains { $0 < Self.limit }, "\(found)")
        }
    }
}
