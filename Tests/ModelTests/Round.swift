import Synchronization

/// One short scenario, which its seed decides altogether.
struct Round {
    let seed: UInt64

    /// How many steps it has.
    var stepCount: Int {
        var random = SeededGenerator(seed: ~seed)
        return 10 + random.below(51)
    }

    /// Runs it, or its first steps, until a promise is broken.
    ///
    /// - Returns: What was broken, what happened if that is recorded, and how many steps it took.
    func run(
        steps limit: Int? = nil, isRecording: Bool = false
    ) -> (violations: [String], trace: [String], stepCount: Int) {
        let world = World(seed: seed, isRecording: isRecording)
        var count = 0
        while count < limit ?? stepCount, world.violations.isEmpty {
            world.step()
            count += 1
        }
        if world.violations.isEmpty { world.quiesce() }
        let violations = world.violations
        world.end(isCrash: !violations.isEmpty)
        return (violations.isEmpty ? world.violations : violations, world.scene.trace, count)
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

    private static func text(
        _ seed: UInt64, _ result: (violations: [String], trace: [String], stepCount: Int)
    ) -> String {
        let lines = result.trace.filter { !$0.hasSuffix("goes on") }
        return (["seed \(seed), \(result.stepCount) steps"] + lines + result.violations)
            .joined(separator: "\n")
    }
}

extension World {
    var violations: [String] { scene.promises.withLock { $0.violations } }
}
