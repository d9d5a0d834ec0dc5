import Linux

/// What work costs on a core, so that what else the machine does counts little.
package enum Processor {
    /// Seconds of this thread on a core; `work` must stay on it.
    package static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let before = SystemClock.threadNanoseconds
        try work()
        return Double(SystemClock.threadNanoseconds - before) / 1e9
    }

    /// Whether this was built for release; a debug build takes some twenty times as long.
    package static let isOptimized: Bool = {
        var isDebug = false
        assert(
            {
                isDebug = true
                return true
            }())
        return !isDebug
    }()
}
