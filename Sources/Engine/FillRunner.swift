/// The only place that starts tasks: server threads hand jobs over and leave.
///
/// The number of jobs is bounded by the fill tables, so the queue needs no bound of its own.
final class FillRunner: Sendable {
    typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation

    init() {
        (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .unbounded)
    }

    /// Hands a job over; it runs as soon as a thread of the pool is free.
    func start(_ job: @escaping Job) {
        queue.yield(job)
    }

    /// Hands over the job of a fill: what it asks of upstreams is counted as tries of the fill.
    func start(for fill: Fill, _ job: @escaping Job) {
        start { await Fill.$asking.withValue(fill) { await job() } }
    }

    /// Runs jobs until the task is cancelled or `stop` was called, then waits for those under way.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask { await job() }
            }
            if Task.isCancelled { group.cancelAll() }
        }
    }

    func stop() {
        queue.finish()
    }
}
