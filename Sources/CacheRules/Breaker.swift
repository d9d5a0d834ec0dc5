/// A circuit breaker for one upstream: while it is open, no request with a stored copy waits.
///
/// A value with pure transitions; times are monotonic nanoseconds. It opens on one time-out of a
/// validation, on `failureLimit` failures in a row, or when the upstream asks for more than a moment
/// of rest, and then lets one probe through every `probeInterval`, or after that rest; a probe never
/// runs on a client's time. One success closes it.
package struct Breaker: Sendable, Hashable {
    package static let failureLimit = 3
    /// At most one probe in this time, in nanoseconds.
    package static let probeInterval: UInt64 = 5_000_000_000
    /// The longest rest that an upstream is given, whatever it asks for, in nanoseconds.
    package static let longestRest: UInt64 = 120_000_000_000

    private var failuresInARow = 0
    private var openedAt: UInt64?
    private var nextProbeAt: UInt64 = 0

    package init() {}

    package var isOpen: Bool { openedAt != nil }

    /// What a validation may do now.
    package enum Permission: Sendable, Hashable {
        /// The upstream is well: a client may wait its short while for it.
        case wait
        /// The upstream is not well: ask in the background, nobody waits.
        case probe
        /// Not well, and asked a moment ago.
        case none
    }

    /// Asks for permission to validate; a given probe is counted.
    package mutating func permission(at now: UInt64) -> Permission {
        guard openedAt != nil else { return .wait }
        guard now >= nextProbeAt else { return .none }
        nextProbeAt = now &+ Self.probeInterval
        return .probe
    }

    /// Whether the upstream is not well and was asked a moment ago; takes no probe.
    package func isDown(at now: UInt64) -> Bool {
        openedAt != nil && now < nextProbeAt
    }

    package enum Outcome: Sendable, Hashable {
        /// Any answer that shows a living upstream, a 404 included.
        case success
        case failure
        /// A client waited its whole budget in vain.
        case budgetSpent
        /// The upstream asked to be left alone for so many nanoseconds.
        case rest(UInt64)

        /// A failure, and what Retry-After said with it, if anything.
        ///
        /// A rest that is no longer than the time between two probes is a failure like others.
        package init(retryAfterSeconds: Int?) {
            let seconds = min(max(0, retryAfterSeconds ?? 0), 1_000_000)
            let nanoseconds = UInt64(seconds) * 1_000_000_000
            self = nanoseconds > Breaker.probeInterval ? .rest(nanoseconds) : .failure
        }
    }

    package enum Change: Sendable, Hashable {
        case none, opened, closed
    }

    /// Records an outcome.
    ///
    /// - Returns: Whether an outage began or ended with it.
    package mutating func record(_ outcome: Outcome, at now: UInt64) -> Change {
        switch outcome {
        case .success:
            failuresInARow = 0
            nextProbeAt = 0
            guard openedAt != nil else { return .none }
            openedAt = nil
            return .closed
        case .failure:
            failuresInARow += 1
            guard openedAt == nil, failuresInARow >= Self.failureLimit else { return .none }
        case .budgetSpent:
            guard openedAt == nil else { return .none }
        case .rest(let nanoseconds):
            failuresInARow += 1
            nextProbeAt = max(nextProbeAt, now &+ min(nanoseconds, Self.longestRest))
            guard openedAt == nil else { return .none }
        }
        openedAt = now
        nextProbeAt = max(nextProbeAt, now &+ Self.probeInterval)
        return .opened
    }
}
