extension Larder {
    /// Does `work`, which is to take less than `limit` milliseconds, and measures it.
    ///
    /// Beside it something is asked for, over and over, that needs neither the store nor an upstream.
    /// Where `work` is late, and that was late as well, by a third of the limit, the machine had
    /// stalled, which tells nothing of the server: `work` is done again, twenty times at most. In any
    /// other case what is late is given as it is.
    func calmly<Value: Sendable>(
        within limit: Double, _ work: () async throws -> Value
    ) async throws -> (value: Value, milliseconds: Double) {
        var round = 0
        while true {
            let control = machine()
            defer { control.cancel() }
            let start = ContinuousClock.now
            let value = try await work()
            let time = start.duration(to: .now) / .milliseconds(1)
            control.cancel()
            if time < limit { return (value, time) }
            let longest = try await control.value
            round += 1
            if longest < limit / 3 || round == 20 { return (value, time) }
            print("calm: \(time) ms, and \(longest) ms without store and upstream: once more")
        }
    }

    /// Does `work` once, and measures it.
    ///
    /// - Returns: Its value, with its time in milliseconds without the longest that the machine kept an
    ///   answer waiting meanwhile that needs neither the store nor an upstream.
    func besideMachine<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> (value: Value, milliseconds: Double) {
        let control = machine()
        defer { control.cancel() }
        let start = ContinuousClock.now
        let value = try await work()
        let time = start.duration(to: .now) / .milliseconds(1)
        control.cancel()
        return (value, time - (try await control.value))
    }

    /// Asks, until it is cancelled, for what needs neither the store nor an upstream; gives the longest
    /// time in milliseconds.
    private func machine() -> Task<Double, any Error> {
        Task {
            var longest = 0.0
            while !Task.isCancelled {
                let time = try await milliseconds {
                    _ = try await get("/healthz")
                    try? await Task.sleep(for: .milliseconds(5))
                }
                longest = max(longest, time)
            }
            return longest
        }
    }
}
