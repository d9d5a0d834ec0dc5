internal import CLinux

extension Socket {
    /// Connects to a server of this machine: for health checks and tests.
    ///
    /// Blocks until the kernel has connected or refused, which on loopback is at once.
    package static func connect(to address: SocketAddress) throws(Errno) -> Socket {
        let flags = Int32(SOCK_STREAM.rawValue) | 0x80000  // SOCK_CLOEXEC
        let number = try Errno.check { socket(address.family, flags, 0) }
        let owner = FileDescriptor(owning: number)
        try Errno.check {
            unsafe address.withKernelForm { unsafe CLinux.connect(number, $0, $1) }
        }
        try Errno.check { shim_fcntl(number, F_SETFL, Int(O_NONBLOCK)) }
        return Socket(owning: owner)
    }

    /// What a thread waits for.
    package enum Readiness: Sendable, Hashable {
        case readable, writable
    }

    /// Blocks until the socket is ready, or has an error to tell.
    ///
    /// - Returns: False when the time was over first.
    package borrowing func wait(for readiness: Readiness, milliseconds: Int32) -> Bool {
        let events = readiness == .readable ? POLLIN : POLLOUT
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        do throws(Errno) {
            return try Errno.check { unsafe poll(&entry, 1, milliseconds) } > 0
        } catch {
            return true
        }
    }
}
