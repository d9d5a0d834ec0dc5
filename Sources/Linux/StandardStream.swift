internal import CLinux

/// The process's standard error and output, written whole lines at a time.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes all bytes; may block as long as the reader does.
    ///
    /// - Throws: What `write` says; a closed pipe is ``Errno/brokenPipe``.
    package func write(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        while written < bytes.count {
            written += try Errno.check {
                unsafe bytes.withUnsafeBytes { all in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
                    return unsafe CLinux.write(rawValue, rest.baseAddress, rest.count)
                }
            }
        }
    }
}

/// Signals whose default action would end the process.
package enum Signal: Sendable {
    case terminate, interrupt, hangUp, brokenPipe

    package var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        case .brokenPipe: SIGPIPE
        }
    }

    /// Leaves the signal to those who watch it; `sendfile` has no other way to spare us SIGPIPE.
    package func ignore() {
        shim_ignore_signal(number)
    }
}
