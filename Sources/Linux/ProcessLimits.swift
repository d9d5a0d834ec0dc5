internal import CLinux

/// What the kernel allows this process.
package enum ProcessLimits {
    /// How many descriptors the process may have open now.
    package static func openFileLimit() throws(Errno) -> Int {
        Int(clamping: try openFiles().rlim_cur)
    }

    /// Raises the limit on open descriptors to the hard limit.
    ///
    /// - Returns: The limit from now on.
    @discardableResult
    package static func raiseOpenFileLimit() throws(Errno) -> Int {
        var limit = try openFiles()
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            try Errno.check { unsafe setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) }
        }
        return Int(clamping: limit.rlim_cur)
    }

    private static func openFiles() throws(Errno) -> rlimit {
        var limit = rlimit()
        try Errno.check { unsafe getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) }
        return limit
    }
}
