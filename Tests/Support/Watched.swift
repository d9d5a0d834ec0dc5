import Dispatch
import Synchronization

/// A value that tests and threads wait for, instead of sleeping.
package final class Watched<Value: Sendable>: Sendable {
    package typealias Condition = @Sendable (Value) -> Bool

    private struct State {
        var value: Value
        var waiters: [Int: (isMet: Condition, wake: @Sendable () -> Void)] = [:]
        var waiterCount = 0
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock { $0.value } }

    /// Changes the value, and wakes everyone whose condition it meets now.
    @discardableResult
    package func update<Result: Sendable>(
        _ change: @Sendable (inout Value) -> Result
    ) -> Result {
        let (result, woken) = state.withLock { state in
            let result = change(&state.value)
            let met = state.waiters.filter { $0.value.isMet(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (result, met.sorted { $0.key < $1.key }.map(\.value.wake))
        }
        for wake in woken { wake() }
        return result
    }

    /// Suspends until the value meets the condition; ends early when the task is cancelled.
    package func until(_ isMet: @escaping Condition) async {
        let id = nextID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if !register(id, isMet, wake: { continuation.resume() }) { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.wake()
        }
    }

    /// Blocks the calling thread until the value meets the condition, or for `seconds`.
    ///
    /// - Returns: Whether it was met.
    package func block(atMost seconds: Int = 50, until isMet: @escaping Condition) -> Bool {
        let semaphore = DispatchSemaphore(value: 0)
        let id = nextID()
        guard register(id, isMet, wake: { semaphore.signal() }) else { return true }
        if semaphore.wait(timeout: .now() + .seconds(seconds)) == .success { return true }
        state.withLock { $0.waiters[id] = nil }
        return false
    }

    private func nextID() -> Int {
        state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
    }

    /// Whether there is something to wait for.
    private func register(
        _ id: Int, _ isMet: @escaping Condition, wake: @escaping @Sendable () -> Void
    ) -> Bool {
        state.withLock { state in
            // A cancellation that came before this finds nobody to wake.
            guard !isMet(state.value), !Task.isCancelled else { return false }
            state.waiters[id] = (isMet, wake)
            return true
        }
    }
}
