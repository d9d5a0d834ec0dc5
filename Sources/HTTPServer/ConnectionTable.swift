/// The connections of one loop, by tokens that are never used twice.
struct ConnectionTable {
    private var slots: [Connection?] = []
    private var uses: [UInt32] = []
    private var free: [Int] = []

    private(set) var count = 0

    /// A token for the next connection: the slot, and how often it was used.
    mutating func reserve() -> UInt64 {
        if let slot = free.popLast() {
            uses[slot] &+= 1
            return UInt64(uses[slot]) << 32 | UInt64(slot)
        }
        slots.append(nil)
        uses.append(0)
        return UInt64(slots.count - 1)
    }

    mutating func insert(_ connection: Connection) {
        slots[Self.slot(connection.token)] = connection
        count += 1
    }

    mutating func remove(_ token: UInt64) {
        let slot = Self.slot(token)
        guard slots[slot]?.token == token else { return }
        slots[slot] = nil
        free.append(slot)
        count -= 1
    }

    subscript(token: UInt64) -> Connection? {
        let slot = Self.slot(token)
        guard slot < slots.count, let connection = slots[slot], connection.token == token else {
            return nil
        }
        return connection
    }

    var all: [Connection] { slots.compactMap { $0 } }

    private static func slot(_ token: UInt64) -> Int { Int(token & 0xFFFF_FFFF) }
}
