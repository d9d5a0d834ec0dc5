import Foundation
import Linux
import Synchronization

/// A line with a speed and a delay that all answers of a stub share.
package final class SharedLine: Sendable {
    /// How far the line may be behind before it is held to its speed, in nanoseconds: sleeps are
    /// always a little too long.
    private static let slack: UInt64 = 2_000_000

    private let bytesPerSecond: Double
    private let delay: Double
    /// When the line is free, in nanoseconds of uptime.
    private let free = Mutex<UInt64>(0)

    /// `delay` is in seconds, and comes before each answer.
    package init(bytesPerSecond: Double, delay: Double) {
        self.bytesPerSecond = bytesPerSecond
        self.delay = delay
    }

    func waitForAnswer() { Thread.sleep(forTimeInterval: delay) }

    /// Blocks until the line has carried so many bytes more.
    func carry(_ byteCount: Int) {
        let now = SystemClock.monotonicNanoseconds
        let end = free.withLock { free in
            free = max(free, now - Self.slack) + UInt64(Double(byteCount) / bytesPerSecond * 1e9)
            return free
        }
        if end > now { Thread.sleep(forTimeInterval: Double(end - now) / 1e9) }
    }
}
