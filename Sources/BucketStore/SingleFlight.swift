internal import Synchronization

/// Runs one piece of work for many who want its result at the same time.
final class SingleFlight<Key: Hashable & Sendable, Success: Sendable, Failure: Error>: Sendable {
    private typealias Outcome = Result<Success, Failure>
    private typealias Waiter = CheckedContinuation<Outcome?, Never>

    private let flights = Mutex<[Key: [Waiter]]>([:])

    init() {}

    /// Runs `work`, or waits for the same key's work that is under way.
    ///
    /// It runs in the task of the first; when that one is cancelled, all get what that leads to.
    func run(
        _ key: Key, _ work: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let joined: Outcome? = await withCheckedContinuation { waiter in
            let isFirst = flights.withLock { flights in
                guard flights[key] != nil else {
                    flights[key] = []
                    return true
                }
                flights[key]?.append(waiter)
                return false
            }
            if isFirst { waiter.resume(returning: nil) }
        }
        if let joined { return try joined.get() }
        let outcome: Outcome
        do throws(Failure) {
            outcome = .success(try await work())
        } catch {
            outcome = .failure(error)
        }
        let waiters = flights.withLock { $0.removeValue(forKey: key) ?? [] }
        for waiter in waiters { waiter.resume(returning: outcome) }
        return try outcome.get()
    }
}
