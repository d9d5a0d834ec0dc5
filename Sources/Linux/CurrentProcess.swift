internal import CLinux

/// This process.
package enum CurrentProcess {
    /// Ends the process with this exit status, after the C library's own clean-up.
    package static func exit(_ status: Int32) -> Never {
        CLinux.exit(status)
    }
}
