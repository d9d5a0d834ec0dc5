internal import Backends

/// Whether and when a transaction that failed is tried again.
///
/// Every operation of the store may be repeated: it ends in the same rows, whether or not the first
/// try was committed before its answer was lost. What was served in an hour may be added twice then.
enum RetryRule {
    /// Milliseconds to wait before the next try; nil to give up.
    ///
    /// `tries` is how often it was tried already; `jitter` is from 0 to 1, so that those who got in
    /// each other's way do not meet again.
    static func pause(after failure: PostgresFailure, tries: Int, jitter: Double) -> Int? {
        guard let (limit, first) = limits(failure), tries < limit else { return nil }
        let longest = Double(first << (tries - 1))
        return Int(longest * (0.5 + 0.5 * jitter))
    }

    /// The most tries, and the longest first pause, which doubles.
    private static func limits(_ failure: PostgresFailure) -> (tries: Int, milliseconds: Int)? {
        switch failure {
        case .state(.serializationFailure), .state(.deadlock): (8, 10)
        // A server that was promoted or let go of a full disk is writable on a new connection.
        case .state(.readOnly): (5, 100)
        case .lost: (5, 50)
        case .state, .unreachable, .timedOut, .busy, .closed: nil
        }
    }
}

/// How long to wait before the next connection after some that failed.
enum ReconnectRule {
    /// The longest pause: what recovery costs at most after the server is back.
    static let longestMilliseconds = 2_000

    /// Milliseconds: 100 at first, then doubling.
    ///
    /// Less up to a half by `jitter` from 0 to 1, so that replicas do not come back all at once.
    static func pause(failures: Int, jitter: Double) -> Int {
        guard failures > 0 else { return 0 }
        let longest = min(longestMilliseconds, 100 << min(failures - 1, 10))
        return Int(Double(longest) * (0.5 + 0.5 * jitter))
    }
}
