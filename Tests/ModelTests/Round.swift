import Synchronization

/// One short scenario, which its seed decides altogether.
struct Round {
    let seed: UInt64

    /// What came of it.
    struct Result {
        /// The promises that were broken.
        let violations: [String]
        /// What happened, if that is recorded.
        let trace: [String]
        let stepCount: Int
        let tally: Promises.Tally
    }

    /// How many steps it has.
    var stepCount: Int {
        var random = SeededGenerator(seed: ~seed)
        return 10 + random.below(51)
    }

    /// Runs it, or its first steps, until a promise is broken.
    func run(
        steps limit: Int? = nil, isRecording: Bool = false
    ) -> Result {
        let world = World(seed: seed, isRecording: isRecording)
        var count = 0
        while count < limit ?? stepCount, world.violations.isEmpty {
            world.step()
            count += 1
        }
        if world.violations.isEmpty { world.quiesce() }
        let violations = world.violations
        world.end(isCrash: !violations.isEmpty)
        return Result(
            violations: violations.isEmpty ? world.violations : violations,
            trace: world.scene.trace, stepCount: count,
            tally: world.scene.promises.withLock { $0.tally })
    }

    /// What broke a promise, with the shortest beginning that does; nil when all were kept.
    func failure() -> String? {
        let whole = run()
        guard !whole.violations.isEmpty else { return nil }
        for count in 0..<whole.stepCount {
            let part = run(steps: count, isRecording: true)
            if !part.violations.isEmpty { return Self.text(seed, part) }
        }
        return Self.text(seed, run(steps: whole.stepCount, isRecording: true))
    }

    private static func text(_ seed: UInt64, _ result: Result) -> String {
        let lines = result.trace.filter { !$0.hasSuffix("goes on") }
        return (["seed \(seed), \(result.stepCount) steps"] + lines + result.violations)
            .joined(separator: "\n")
    }
}

extension World {
    var violations: [String] { scene.promises.withLock { $0.violations } }
}
