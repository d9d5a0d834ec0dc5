internal import Synchronization

/// Bytes of memory that many requests share; what is not there is refused, and nobody waits.
package final class ByteBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    package init(limit: Int) {
        precondition(limit >= 0)
        self.limit = limit
    }

    /// Bytes that are lent now.
    package var usedByteCount: Int { used.load(ordering: .relaxed) }

    fileprivate func take(_ byteCount: Int) -> Bool {
        let (_, total) = used.add(byteCount, ordering: .relaxed)
        guard total <= limit else {
            give(byteCount)
            return false
        }
        return true
    }

    fileprivate func give(_ byteCount: Int) {
        used.subtract(byteCount, ordering: .relaxed)
    }
}

/// One request's part of a ``ByteBudget``, given back when the last one lets go of it.
package final class ByteLease: Sendable {
    private let budget: ByteBudget
    private let byteCount = Atomic<Int>(0)

    package init(_ budget: ByteBudget) {
        self.budget = budget
    }

    deinit { budget.give(byteCount.load(ordering: .relaxed)) }

    /// Takes more bytes; false when there are none, and then nothing has changed.
    package func grow(by more: Int) -> Bool {
        guard budget.take(more) else { return false }
        byteCount.add(more, ordering: .relaxed)
        return true
    }
}
