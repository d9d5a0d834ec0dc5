import Synchronization

/// One process: from a start of the engine to its end.
///
/// After a crash the tasks of the process may still run in the test, but nothing that they do
/// reaches stores or upstream.
final class Life: Sendable {
    let isOver = Atomic<Bool>(false)
    /// Staged blobs that were neither committed nor abandoned yet.
    let stagedCount = Atomic<Int>(0)
    /// Whether `run` has returned.
    let hasEnded = Atomic<Bool>(false)

    var isDead: Bool { isOver.load(ordering: .relaxed) }
}

/// What is wrong with the stores now.
struct StoreFaults: Sendable, Hashable {
    var failsToStage = false
    /// Appends fail once this many bytes are staged in one blob.
    var room: Int?
    var failsToCommit = false
    var isDatabaseBroken = false
    /// Writes to the database fail as on a full disk.
    var isDatabaseFull = false
}
