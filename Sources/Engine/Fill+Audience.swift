internal import Synchronization

/// Who is there for a fill: those who wait for it, and those who read it.
extension Fill {
    /// Says that somebody waits for this fill; ended by exactly one ``depart()``.
    ///
    /// A reader is counted from its first `next` to its `leave`; who goes from waiting to reading
    /// departs after that first `next`.
    package func attend() { state.withLock { $0.attend() } }

    /// Says that somebody waits no more.
    package func depart() { run(state.withLock { $0.depart() }) }

    /// Calls `deserted` whenever the last one has left until the fill is over, and at once where
    /// nobody is there; it must not block.
    func supervise(_ deserted: @escaping @Sendable () -> Void) {
        run(state.withLock { $0.supervise(deserted) })
    }

    /// Whether nobody is there.
    var isDeserted: Bool { state.withLock { $0.isDeserted } }

    /// How often the last one has left.
    var desertionCount: Int { state.withLock { $0.desertionCount } }

    /// Whether it was given up because nobody was there.
    var isForsaken: Bool { state.withLock { $0.isForsaken } }

    /// Whether nobody is there, and it is not complete.
    var canBeForsaken: Bool { state.withLock { $0.canBeForsaken } }

    /// Gives it up, unless somebody is there or it is complete; returns whether it did.
    func forsake() -> Bool { state.withLock { $0.forsake() } }
}
