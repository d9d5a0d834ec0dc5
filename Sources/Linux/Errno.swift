import CLinux

/// Why a system call failed: the kernel's error code and its fixed text.
///
/// It never carries a path, an address or any other argument of the call, so it may be logged.
package struct Errno: Error, Hashable, Sendable {
    package let code: Int32

    package init(_ code: Int32) {
        self.code = code
    }

    package static let notPermitted = Errno(EPERM)
    package static let noEntry = Errno(ENOENT)
    package static let interrupted = Errno(EINTR)
    package static let inputOutput = Errno(EIO)
    package static let badDescriptor = Errno(EBADF)
    package static let wouldBlock = Errno(EAGAIN)
    package static let outOfMemory = Errno(ENOMEM)
    package static let accessDenied = Errno(EACCES)
    package static let exists = Errno(EEXIST)
    package static let crossDevice = Errno(EXDEV)
    package static let notDirectory = Errno(ENOTDIR)
    package static let isDirectory = Errno(EISDIR)
    package static let invalid = Errno(EINVAL)
    package static let tooManyFilesInSystem = Errno(ENFILE)
    package static let tooManyFiles = Errno(EMFILE)
    package static let fileTooLarge = Errno(EFBIG)
    package static let noSpace = Errno(ENOSPC)
    package static let readOnlyFileSystem = Errno(EROFS)
    package static let brokenPipe = Errno(EPIPE)
    package static let nameTooLong = Errno(ENAMETOOLONG)
    package static let notImplemented = Errno(ENOSYS)
    package static let notEmpty = Errno(ENOTEMPTY)
    package static let symbolicLinkLoop = Errno(ELOOP)
    package static let notSupported = Errno(EOPNOTSUPP)
    package static let addressInUse = Errno(EADDRINUSE)
    package static let addressNotAvailable = Errno(EADDRNOTAVAIL)
    package static let connectionAborted = Errno(ECONNABORTED)
    package static let connectionReset = Errno(ECONNRESET)
    package static let notConnected = Errno(ENOTCONN)
    package static let timedOut = Errno(ETIMEDOUT)
    package static let connectionRefused = Errno(ECONNREFUSED)
    package static let overQuota = Errno(EDQUOT)

    /// Whether the file system, the quota or the process had no room left for more bytes.
    package var isOutOfSpace: Bool {
        self == .noSpace || self == .overQuota || self == .fileTooLarge
    }
}

extension Errno {
    /// The code that the calling thread's last failed system call left.
    ///
    /// Read it before anything else that may make a system call.
    package static var last: Errno { Errno(shim_errno()) }

    /// Runs one system call, again for as long as a signal interrupts it.
    ///
    /// - Parameter call: Answers -1 on failure and leaves `errno`, as system calls do. Not for
    ///   `close`, whose descriptor is gone even when it was interrupted.
    /// - Returns: What `call` answered, never negative one.
    /// - Throws: The code that `call` left, never ``interrupted``.
    @discardableResult
    package static func check<Result: SignedInteger>(
        _ call: () -> Result
    ) throws(Errno) -> Result {
        while true {
            let result = call()
            if result != -1 { return result }
            let error = Errno.last
            if error != .interrupted { throw error }
        }
    }
}

extension Errno: CustomStringConvertible {
    package var description: String {
        Self.texts[code] ?? "system error \(code)"
    }

    // Own texts, because strerror knows locales and is not safe across threads.
    private static let texts: [Int32: String] = [
        EPERM: "operation not permitted (EPERM)",
        ENOENT: "no such file or directory (ENOENT)",
        EINTR: "interrupted by a signal (EINTR)",
        EIO: "input or output error (EIO)",
        EBADF: "bad file descriptor (EBADF)",
        EAGAIN: "resource not available right now (EAGAIN)",
        ENOMEM: "out of memory (ENOMEM)",
        EACCES: "permission denied (EACCES)",
        EEXIST: "file exists (EEXIST)",
        EXDEV: "not on the same file system (EXDEV)",
        ENOTDIR: "not a directory (ENOTDIR)",
        EISDIR: "is a directory (EISDIR)",
        EINVAL: "invalid argument (EINVAL)",
        ENFILE: "too many open files in the system (ENFILE)",
        EMFILE: "too many open files in this process (EMFILE)",
        EFBIG: "file too large (EFBIG)",
        ENOSPC: "no space left on the file system (ENOSPC)",
        EROFS: "file system is read-only (EROFS)",
        EPIPE: "broken pipe (EPIPE)",
        ENAMETOOLONG: "name too long (ENAMETOOLONG)",
        ENOSYS: "system call not available (ENOSYS)",
        ENOTEMPTY: "directory not empty (ENOTEMPTY)",
        ELOOP: "too many symbolic links (ELOOP)",
        EOPNOTSUPP: "operation not supported (EOPNOTSUPP)",
        EADDRINUSE: "address already in use (EADDRINUSE)",
        EADDRNOTAVAIL: "address not available (EADDRNOTAVAIL)",
        ECONNABORTED: "connection aborted (ECONNABORTED)",
        ECONNRESET: "connection reset by the peer (ECONNRESET)",
        ENOTCONN: "not connected (ENOTCONN)",
        ETIMEDOUT: "timed out (ETIMEDOUT)",
        ECONNREFUSED: "connection refused (ECONNREFUSED)",
        EDQUOT: "over the disk quota (EDQUOT)",
    ]
}
