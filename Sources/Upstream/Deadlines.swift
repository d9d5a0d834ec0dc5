package import Backends

/// When a transfer has taken too long, phase by phase (rule U5 of the reliability study).
///
/// Nothing is due but the total while the body is held back by its reader.
package struct Deadlines: Sendable {
    /// The bytes of body that must come in each `TransferLimits.pause`, unless it ends before.
    ///
    /// A byte now and then is no progress.
    package static let leastProgress = 4_096

    package typealias Instant = ContinuousClock.Instant

    private let limits: TransferLimits
    private let total: Instant
    private var phase: UpstreamError.Phase = .connect
    private var phaseEnd: Instant
    private var isHeld = false
    private var progress = 0

    /// Starts with connecting.
    ///
    /// - Parameters:
    ///   - limits: What each phase may take.
    ///   - now: When the attempt starts.
    ///   - total: The end of the whole fetch, redirects included.
    package init(_ limits: TransferLimits, now: Instant, total: Instant) {
        self.limits = limits
        self.total = total
        phaseEnd = now + limits.connect
    }

    /// What is being waited for.
    package var current: UpstreamError.Phase { phase }

    /// The moment from which on ``expired(at:)`` has an answer.
    package var next: Instant { isHeld ? total : min(phaseEnd, total) }

    package mutating func requestSent(at now: Instant) {
        // libcurl may send it again on a new connection; the first one counts.
        guard phase == .connect else { return }
        phase = .head
        phaseEnd = now + limits.firstByte
    }

    /// More of the request's body went out, so that the time for the head begins anew.
    package mutating func contentSent(at now: Instant) {
        guard phase == .head else { return }
        phaseEnd = now + limits.firstByte
    }

    package mutating func headArrived(at now: Instant) {
        phase = .body
        renew(at: now)
    }

    package mutating func bodyArrived(_ byteCount: Int, at now: Instant) {
        progress += byteCount
        if progress >= Self.leastProgress { renew(at: now) }
    }

    package mutating func held() { isHeld = true }

    package mutating func resumed(at now: Instant) {
        isHeld = false
        renew(at: now)
    }

    /// What has timed out, or nil.
    package func expired(at now: Instant) -> UpstreamError.Phase? {
        if now >= total { return .total }
        return !isHeld && now >= phaseEnd ? phase : nil
    }

    private mutating func renew(at now: Instant) {
        progress = 0
        phaseEnd = now + limits.pause
    }
}
