/// Bytes of any length that can be made, and checked, piece by piece.
///
/// The period is a prime near 64 KiB, so that a swapped or a lost block shows.
package struct Pattern: Sendable, Hashable {
    package let byteCount: Int
    private let period: [UInt8]

    package init(byteCount: Int, seed: UInt32 = 1) {
        self.byteCount = byteCount
        var state = seed &* 2_654_435_769 | 1
        period = (0..<min(byteCount, 65_521)).map { _ in
            // xorshift32
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state)
        }
    }

    /// The bytes of `range`, which lies within the pattern.
    package func bytes(_ range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position % period.count
            let count = min(period.count - start, range.upperBound - position)
            result += period[start..<start + count]
            position += count
        }
        return result
    }

    package var bytes: [UInt8] { bytes(0..<byteCount) }
}
