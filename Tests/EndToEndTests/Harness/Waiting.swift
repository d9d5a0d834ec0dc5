import Foundation

/// What a test waited for did not come.
struct Overdue: Error, CustomStringConvertible {
    let description: String
}

/// Polls until `condition` gives a value, with `pause` milliseconds between two looks.
@discardableResult
func eventually<Value>(
    _ what: String, within seconds: Double = 20, pause: Int = 5,
    _ condition: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < end else {
            throw Overdue(description: "not within \(seconds) s: \(what)")
        }
        try await Task.sleep(for: .milliseconds(pause))
    }
}

/// Runs work that blocks on a thread of its own, so that the tests' few threads stay free.
func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}

/// Milliseconds that `work` took.
func milliseconds(_ work: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await work()
    return start.duration(to: .now) / .milliseconds(1)
}

/// The middle one.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
