import Linux

/// Repeats work and tells what one round costs.
enum Stopwatch {
    /// Of many rounds the fastest one and the middle one, in seconds.
    struct Rounds: Sendable {
        let best: Double
        let median: Double
    }

    /// Time on a core, so that what else the machine does counts little; of this thread only.
    ///
    /// The fastest round is the figure for a machine that others use as well: caches and memory are
    /// shared even so.
    static func processorTime(
        rounds: Int, within seconds: Double, _ work: () throws -> Void
    ) rethrows -> Rounds {
        // Not counted: it fills the caches.
        try work()
        let start = SystemClock.monotonicNanoseconds
        var times: [Double] = []
        repeat {
            let before = SystemClock.threadNanoseconds
            try work()
            times.append(Double(SystemClock.threadNanoseconds - before) / 1e9)
        } while times.count < rounds
            && Double(SystemClock.monotonicNanoseconds - start) / 1e9 < seconds
        times.sort()
        return Rounds(best: times[0], median: times[times.count / 2])
    }

    /// The seconds on the clock on the wall that some work takes.
    static func once(_ work: () throws -> Void) rethrows -> Double {
        let before = SystemClock.monotonicNanoseconds
        try work()
        return Double(SystemClock.monotonicNanoseconds - before) / 1e9
    }
}
