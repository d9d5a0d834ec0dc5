internal import Synchronization

/// So many places, which whoever takes one gives back; nobody waits for one.
final class Places: Sendable {
    private let limit: Int
    private let taken = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    var takenCount: Int { taken.load(ordering: .relaxed) }

    /// Takes a place; false when there is none.
    func take() -> Bool {
        let (_, count) = taken.add(1, ordering: .relaxed)
        if count <= limit { return true }
        give()
        return false
    }

    func give() { taken.subtract(1, ordering: .relaxed) }
}
