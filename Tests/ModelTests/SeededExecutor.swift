import Synchronization

/// Runs the tasks of an engine on the thread of a test, in an order that the test decides.
///
/// Nothing runs by itself: what can go on waits here until ``run(_:)`` picks it. So one seed is one
/// interleaving.
final class SeededExecutor: TaskExecutor {
    private final class Entry: Sendable {
        private let job: Mutex<ExecutorJob?>

        init(_ job: consuming ExecutorJob) {
            self.job = Mutex(consume job)
        }

        func take() -> ExecutorJob? {
            job.withLock { job in
                var taken: ExecutorJob?
                swap(&taken, &job)
                return taken
            }
        }
    }

    private let entries = Mutex<[Entry]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let entry = Entry(job)
        entries.withLock { $0.append(entry) }
    }

    /// How many jobs can go on now.
    var count: Int { entries.withLock { $0.count } }

    /// Runs one job, by its place among those that wait, up to where it suspends.
    func run(_ place: Int) {
        let entry = entries.withLock { $0.remove(at: place) }
        unsafe entry.take()?.runSynchronously(on: asUnownedTaskExecutor())
    }
}
