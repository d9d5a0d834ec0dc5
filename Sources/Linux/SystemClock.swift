internal import CLinux

/// The kernel's clocks, without allocating and without a system call where the vDSO has them.
package enum SystemClock {
    /// Nanoseconds since some moment before the process; never runs backwards.
    package static var monotonicNanoseconds: UInt64 {
        let now = time(of: CLOCK_MONOTONIC)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    /// Whole seconds since 1970, UTC; jumps when the operator sets the clock.
    package static var unixSeconds: Int {
        Int(time(of: CLOCK_REALTIME).tv_sec)
    }

    /// Milliseconds since 1970, UTC, for log lines.
    package static var unixMilliseconds: Int {
        let now = time(of: CLOCK_REALTIME)
        return Int(now.tv_sec) * 1000 + Int(now.tv_nsec) / 1_000_000
    }

    /// Nanoseconds that this thread has been running on a core, for measurements on a busy machine.
    package static var threadNanoseconds: UInt64 {
        let used = time(of: CLOCK_THREAD_CPUTIME_ID)
        return UInt64(used.tv_sec) * 1_000_000_000 + UInt64(used.tv_nsec)
    }

    private static func time(of clock: clockid_t) -> timespec {
        var now = timespec()
        let result = unsafe clock_gettime(clock, &now)
        precondition(result == 0, "the kernel has no such clock")
        return now
    }
}
