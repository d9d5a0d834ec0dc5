internal import CLinux

/// An open file descriptor with one owner.
///
/// `deinit` closes it. Where the result of closing matters, call ``close()``; on Linux the
/// descriptor is gone either way, so a failed close is never tried again.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number.
    ///
    /// Valid as long as the value lives; never close it directly.
    let number: Int32

    /// Takes over `number`, which nobody else may close.
    init(owning number: Int32) {
        self.number = number
    }

    deinit { _ = CLinux.close(number) }

    /// Closes it and tells what the kernel found.
    package consuming func close() throws(Errno) {
        let number = number
        discard self
        // EINTR included: the descriptor is closed then too (close(2), "Dealing with errors").
        guard CLinux.close(number) == 0 else { throw .last }
    }
}
