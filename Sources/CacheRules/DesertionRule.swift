/// Whether a transfer goes on for which nobody waits any more.
package struct DesertionRule: Sendable, Hashable {
    /// A body of up to so many bytes is small.
    package var smallByteCount: Int

    package init(smallByteCount: Int = 16 << 20) {
        self.smallByteCount = smallByteCount
    }

    /// Whether it goes on: where it is small, or more than half of it is there.
    ///
    /// `arrived` are the bytes that have come, `byteCount` how many it will be; nil where nobody
    /// knows, and it goes on as long as it may still turn out to be small.
    package func goesOn(arrived: Int, of byteCount: Int?) -> Bool {
        guard let byteCount else { return arrived <= smallByteCount }
        return byteCount <= smallByteCount || arrived > byteCount - arrived
    }
}
