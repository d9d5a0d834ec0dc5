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
}
