internal import Backends
internal import Synchronization

/// Lanes for one kind of work, which take turns.
final class LaneGroup: Sendable {
    private let lanes: [BlockingLane]
    private let turns = Atomic<Int>(0)

    /// So many lanes, at least one, named `label` in debuggers.
    init(_ label: String, count: Int) {
        lanes = (0..<max(1, count)).map { BlockingLane(label: "\(label).\($0)") }
    }

    func next() -> BlockingLane {
        let turn = turns.wrappingAdd(1, ordering: .relaxed).oldValue
        return lanes[Int(UInt(bitPattern: turn) % UInt(lanes.count))]
    }
}
