/// Whether the bucket is asked at all: after a fault only now and then, until it answers again.
///
/// A plain value; every caller that is refused goes on at once, without the bucket.
package struct BucketHealth {
    /// How long after a fault, or a vain probe, the next request goes out, in nanoseconds.
    package static let pause: UInt64 = 5_000_000_000

    package private(set) var isDown = false
    private var nextProbe: UInt64 = 0

    package init() {}

    /// Whether a request may go out at `now`; while the bucket is down, one for each pause.
    package mutating func permits(at now: UInt64) -> Bool {
        guard isDown else { return true }
        guard now >= nextProbe else { return false }
        nextProbe = now + Self.pause
        return true
    }

    /// Takes in how a request ended; true when that changed whether the bucket is down.
    package mutating func note(isOutage: Bool, at now: UInt64) -> Bool {
        defer { isDown = isOutage }
        if isOutage { nextProbe = now + Self.pause }
        return isOutage != isDown
    }
}
