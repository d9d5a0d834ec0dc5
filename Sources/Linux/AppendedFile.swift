internal import CLinux

/// A file that only grows, whoever else writes to it.
package final class AppendedFile: Sendable {
    private let descriptor: FileDescriptor

    /// Opens the file at a path, which is made when there is none; the mode is then 0640, less the umask.
    ///
    /// - Throws: What open(2) says; a folder or a device that cannot be written among it.
    package init(at path: String) throws(Errno) {
        let number = try Errno.check {
            unsafe shim_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        }
        descriptor = FileDescriptor(owning: number)
    }

    /// Writes all bytes at the end (O_APPEND); blocks on the disk.
    ///
    /// - Throws: What write(2) says; a part may have been written.
    package func append(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        while written < bytes.count {
            written += try Errno.check {
                unsafe bytes.withUnsafeBytes { all in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
                    return unsafe CLinux.write(descriptor.number, rest.baseAddress, rest.count)
                }
            }
        }
    }
}
