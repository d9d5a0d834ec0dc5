/// When to evict for space, and how much.
package struct EvictionRule: Sendable, Hashable {
    /// The most bytes that may be stored.
    package let limitBytes: Int
    /// Once over the limit, evict down to this share of it, in percent, so that a full store does
    /// not evict for every new file.
    package static let lowWaterPercent = 95

    package init(limitBytes: Int) {
        precondition(limitBytes >= 0)
        self.limitBytes = limitBytes
    }

    /// How many bytes have to go; zero within the limit.
    package func excessBytes(stored: Int) -> Int {
        guard stored > limitBytes else { return 0 }
        return stored - limitBytes / 100 * Self.lowWaterPercent
    }

    /// Of the time of an eviction, the part that it works: one in so many.
    private static let restShare: UInt64 = 4
    private static let longestRest: UInt64 = 1_000_000_000

    /// How long to rest after a batch that took so long, both in nanoseconds, so that what requests
    /// need of database, disk and processor goes first.
    ///
    /// Not at all once so much is stored that resting would be falling behind.
    package func rest(afterNanoseconds busy: UInt64, stored: Int) -> UInt64 {
        guard stored <= limitBytes / 100 * (200 - Self.lowWaterPercent) else { return 0 }
        return min(min(busy, Self.longestRest) * (Self.restShare - 1), Self.longestRest)
    }
}
