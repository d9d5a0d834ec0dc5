/// The next moments at which a loop has to look at a connection: a binary heap.
///
/// Entries are hints: a connection whose deadline moved to later keeps its entry, and is put back
/// when that comes up. So a busy connection costs no heap operation per request.
struct DeadlineHeap {
    struct Entry {
        let moment: UInt64
        let token: UInt64
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }

    /// The earliest moment, in nanoseconds of uptime.
    var next: UInt64? { entries.first?.moment }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].moment < entries[parent].moment else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry, when its moment has come.
    mutating func pop(at now: UInt64) -> Entry? {
        guard let first = entries.first, first.moment <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first }
        entries[0] = last
        sink()
        return first
    }

    /// Drops all entries, for a loop that is about to push those that still count.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, entries[child + 1].moment < entries[child].moment {
                child += 1
            }
            guard entries[child].moment < entries[parent].moment else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
