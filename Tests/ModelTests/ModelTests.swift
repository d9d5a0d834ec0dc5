import Foundation
import Testing

/// Random scenarios against the model, thousands of them; each is its seed.
@Suite("Engine: model", .timeLimit(.minutes(30)))
struct ModelTests {
    /// How many rounds are run: `LARDER_MODEL_ROUNDS`, else few enough for every day.
    static let roundCount = number("LARDER_MODEL_ROUNDS") ?? 1_000
    /// The first seed: `LARDER_MODEL_SEED`, to begin with a round that failed.
    static let firstSeed = number("LARDER_MODEL_SEED") ?? 1

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("every promise is kept in every round")
    func promises() {
        var failures: [String: Int] = [:]
        var count = 0
        for seed in Self.firstSeed..<(Self.firstSeed + Self.roundCount) {
            guard let failure = Round(seed: UInt64(seed)).failure() else { continue }
            count += 1
            // The same sentence is one defect, of which the first seed is enough.
            let kind = String(failure.split(separator: "\n").last ?? "")
            failures[kind, default: 0] += 1
            if failures[kind] == 1 { Issue.record("\(failure)") }
            if count >= 20 { break }
        }
    }

    @Test("every promise is put to the test")
    func tally() {
        var tally = Promises.Tally()
        for seed in 1...300 { tally += Round(seed: UInt64(seed)).run().tally }
        #expect(tally.least >= 10, "\(tally)")
    }

    @Test("one seed is one scenario, to the last interleaving", arguments: [3, 5, 8, 13, 21, 34])
    func replay(seed: UInt64) {
        let first = Round(seed: seed).run(isRecording: true)
        let second = Round(seed: seed).run(isRecording: true)
        #expect(first.trace.count > 10)
        #expect(first.trace == second.trace)
        let other = Round(seed: seed + 1).run(isRecording: true)
        #expect(first.trace != other.trace)
    }
}
