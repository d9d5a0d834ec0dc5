internal import CLinux

/// An exclusive lock on a folder, so that two servers do not share it.
///
/// The kernel lets go of it when the process ends, however it ends. The file itself stays.
package final class LockFile: Sendable {
    private let descriptor: FileDescriptor

    /// Takes the lock without waiting.
    ///
    /// - Throws: ``Errno/wouldBlock`` when another open file holds it, also in this process.
    package init(in directory: Directory, named name: String) throws(Errno) {
        let number = try Errno.check {
            unsafe shim_openat(
                directory.descriptor.number, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        descriptor = FileDescriptor(owning: number)
        try Errno.check { flock(number, LOCK_EX | LOCK_NB) }
    }
}
