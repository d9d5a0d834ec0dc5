/// The clocks; injected, so that no rule and no test depends on the real ones.
package protocol TimeSource: Sendable {
    /// Seconds since 1970; may jump.
    var now: Int64 { get }
    /// Nanoseconds since some start; never goes back.
    var uptimeNanoseconds: UInt64 { get }
    /// Suspends; ends early, without an error, when the task is cancelled.
    func sleep(for duration: Duration) async
}
