/// A gate that a test opens once; whoever comes later passes at once.
package final class Gate: Sendable {
    private let state = Watched((isOpen: false, arrivalCount: 0))

    package init() {}

    package func open() { state.update { $0.isOpen = true } }

    /// Suspends until it is open, or the task is cancelled.
    package func pass() async {
        state.update { $0.arrivalCount += 1 }
        await state.until { $0.isOpen }
    }

    /// Blocks the calling thread until it is open, and at most for 50 s.
    package func block() {
        state.update { $0.arrivalCount += 1 }
        _ = state.block { $0.isOpen }
    }

    /// Suspends until `count` have come to the gate.
    package func arrivals(_ count: Int) async {
        await state.until { $0.arrivalCount >= count }
    }
}
