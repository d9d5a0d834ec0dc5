internal import Dispatch
internal import Synchronization

/// One thread's worth of blocking calls, apart from the tasks' threads, in the order they came.
///
/// Bounded: what would wait behind more than `limit` others is refused.
package final class BlockingLane: Sendable {
    private let queue: DispatchQueue
    private let waiting = Atomic<Int>(0)
    private let limit: Int

    /// A lane named `label` in debuggers.
    package init(label: String, limit: Int = 1024) {
        queue = DispatchQueue(label: label)
        self.limit = limit
    }

    /// Runs `work`, which may block, and suspends until it is done.
    ///
    /// Cancelling the task does not stop it: a system call under way cannot be taken back.
    ///
    /// - Throws: ``StoreError/busy`` when too much waits already, and what `work` throws.
    package func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            throw .busy
        }
        let result = await withCheckedContinuation { continuation in
            queue.async {
                let result = Result { () throws(StoreError) in try work() }
                self.waiting.wrappingSubtract(1, ordering: .relaxed)
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// Runs `work` some time later, without a result and without a limit.
    package func start(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }
}
