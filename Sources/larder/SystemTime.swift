import Backends
import Linux

/// The real clocks.
struct SystemTime: TimeSource {
    var now: Int64 { Int64(SystemClock.unixSeconds) }

    var uptimeNanoseconds: UInt64 { SystemClock.monotonicNanoseconds }

    func sleep(for duration: Duration) async {
        try? await Task.sleep(for: duration)
    }
}
