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
            leave()
            throw .busy
        }
        let work = OneTime(work)
        let result = await withCheckedContinuation { continuation in
            queue.async {
                // Handed on without a name, so that nothing of the result stays here either.
                continuation.resume(returning: work.run(endingWith: self.leave))
            }
        }
        return try result.get()
    }

    private func leave() {
        waiting.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Runs `work` some time later, without a result and without a limit.
    package func start(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }
}

/// Work that is let go, with all that it holds, before its caller hears of its result.
///
/// Otherwise a file or a lock could outlive the call that was to close it, for as long as the lane
/// takes to come back to its queue.
private final class OneTime<Success: Sendable>: Sendable {
    private let work: Mutex<(@Sendable () throws(StoreError) -> Success)?>

    init(_ work: @escaping @Sendable () throws(StoreError) -> Success) {
        self.work = Mutex(work)
    }

    func run(endingWith end: () -> Void) -> Result<Success, StoreError> {
        defer { end() }
        guard let work = work.withLock({ $0.take() }) else { return .failure(.closed) }
        do throws(StoreError) {
            return .success(try work())
        } catch {
            return .failure(error)
        }
    }
}
