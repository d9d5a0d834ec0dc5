/// The bytes of a connection that were received and not used yet; empty most of the time.
struct InputBuffer {
    private(set) var bytes: [UInt8] = []
    private(set) var start = 0

    var isEmpty: Bool { start == bytes.count }
    var count: Int { bytes.count - start }

    /// Adds the first `range` of what a receive left in `scratch`.
    mutating func append(_ scratch: [UInt8], _ range: Range<Int>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: scratch[range])
    }

    /// Drops bytes that were used; gives the memory back when none are left.
    mutating func consume(_ count: Int) {
        start += count
        precondition(start <= bytes.count, "more bytes used than there were")
        guard start == bytes.count else { return }
        bytes = []
        start = 0
    }
}
