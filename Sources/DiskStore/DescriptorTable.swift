internal import Digests
internal import Linux

/// The open files that are kept for the next request, up to a fixed number.
///
/// When it is full, the second-chance (CLOCK) order decides who goes: a use costs one look-up and
/// one flag, and nothing is moved.
struct DescriptorTable {
    private struct Slot {
        var digest: BlobDigest
        var file: OpenFile
        var wasUsed: Bool
    }

    private let capacity: Int
    private var slots: [Slot] = []
    private var positions: [BlobDigest: Int] = [:]
    private var hand = 0

    /// A table of at most `capacity` files, one or more.
    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { slots.count }

    /// The kept file, which then counts as used.
    mutating func file(for digest: BlobDigest) -> OpenFile? {
        guard let position = positions[digest] else { return nil }
        slots[position].wasUsed = true
        return slots[position].file
    }

    /// Keeps `file`, in place of an older one of the same digest or of one that was not used.
    ///
    /// - Returns: The file that had to go; closing it is for the caller, outside of any lock.
    mutating func keep(_ file: OpenFile, for digest: BlobDigest) -> OpenFile? {
        let slot = Slot(digest: digest, file: file, wasUsed: false)
        if let position = positions[digest] {
            return exchange(at: position, slot)
        }
        guard slots.count == capacity else {
            positions[digest] = slots.count
            slots.append(slot)
            return nil
        }
        // Ends after one round at the latest, since each step takes one flag away.
        while slots[hand].wasUsed {
            slots[hand].wasUsed = false
            hand = (hand + 1) % capacity
        }
        let position = hand
        hand = (hand + 1) % capacity
        positions[slots[position].digest] = nil
        positions[digest] = position
        return exchange(at: position, slot)
    }

    /// Forgets one file, and gives it back to be closed outside of any lock.
    mutating func remove(_ digest: BlobDigest) -> OpenFile? {
        guard let position = positions.removeValue(forKey: digest) else { return nil }
        let removed = slots[position].file
        let last = slots.removeLast()
        if position < slots.count {
            slots[position] = last
            positions[last.digest] = position
        }
        if hand >= slots.count { hand = 0 }
        return removed
    }

    /// Forgets every file, and gives them back to be closed outside of any lock.
    mutating func removeAll() -> [OpenFile] {
        defer { self = DescriptorTable(capacity: capacity) }
        return slots.map(\.file)
    }

    private mutating func exchange(at position: Int, _ slot: Slot) -> OpenFile {
        defer { slots[position] = slot }
        return slots[position].file
    }
}
