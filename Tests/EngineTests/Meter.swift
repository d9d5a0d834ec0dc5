import Synchronization

/// How many bytes were given to the engine and not taken from it yet, now and at most.
final class Meter: Sendable {
    private let state = Mutex((held: 0, peak: 0, total: 0))

    func give(_ count: Int) {
        state.withLock {
            $0.held += count
            $0.total += count
            $0.peak = max($0.peak, $0.held)
        }
    }

    func take(_ count: Int) {
        state.withLock { $0.held -= count }
    }

    var held: Int { state.withLock { $0.held } }
    var peak: Int { state.withLock { $0.peak } }
    /// All that was ever given.
    var total: Int { state.withLock { $0.total } }
}

/// What a document is on its way, each at the two ends of one step of the engine.
struct Meters: Sendable {
    /// From the upstream to the staged blob.
    let fetched = Meter()
    /// From the stored blob to the adapter.
    let read = Meter()
    /// From the adapter to the staged rendering, before coding.
    let made = Meter()
}
