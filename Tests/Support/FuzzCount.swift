import Foundation

/// How much the tests with random input do: `LARDER_FUZZ_ROUNDS` is the number of request heads, and all
/// other counts grow with it.
package enum FuzzCount {
    package static let heads = max(
        1, setting("LARDER_FUZZ_ROUNDS").flatMap { Int($0) } ?? 1_000_000)
    /// What the seeds of a run begin after; another number is another run.
    package static let firstSeed = setting("LARDER_SEED").flatMap { UInt64($0) } ?? 0

    /// As many as `standard`, or more in a soak.
    package static func of(_ standard: Int) -> Int { standard * max(1, heads / 1_000_000) }

    private static func setting(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
