internal import CLinux

/// A socket that accepts connections; it never blocks.
package final class ListeningSocket: Sendable {
    private let owner: FileDescriptor
    package let address: SocketAddress

    /// The number, for epoll in this module.
    var descriptor: Int32 { owner.number }

    /// The most that the kernel takes of an accepted socket beyond what the peer's window admits.
    private static let unsentByteCount: Int32 = 128 << 10

    /// Whether several sockets may listen at one port, each with a share of its connections.
    package enum Sharing: Sendable, Hashable {
        case alone, shared
    }

    /// Binds and listens.
    ///
    /// Accepted sockets inherit TCP_NODELAY, keep-alive probes after a minute of silence, and a bound of
    /// what they take unsent.
    ///
    /// - Throws: ``Errno/addressInUse`` and others. Two processes of one user that both share a
    ///   port do not get it: bind ``Sharing/alone`` first to learn whether it is free.
    package init(_ address: SocketAddress, _ sharing: Sharing) throws(Errno) {
        let flags = Int32(SOCK_STREAM.rawValue) | 0x80000 | 0x800  // SOCK_CLOEXEC, SOCK_NONBLOCK
        let number = try Errno.check { socket(address.family, flags, 0) }
        owner = FileDescriptor(owning: number)
        try Self.set(number, SOL_SOCKET, SO_REUSEADDR, 1)
        if sharing == .shared { try Self.set(number, SOL_SOCKET, SO_REUSEPORT, 1) }
        // An unspecified IPv6 address listens for IPv4 too.
        if address.family == AF_INET6 {
            try Self.set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        try Self.set(number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // Or a peer with a tiny window has the kernel hold megabytes for it, and a thousand of those
        // all memory that the kernel has for TCP (tcp(7), tcp_mem; case H-4).
        try Self.set(number, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Self.unsentByteCount)
        try Self.set(number, SOL_SOCKET, SO_KEEPALIVE, 1)
        try Self.set(number, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        try Errno.check {
            unsafe address.withKernelForm { unsafe bind(number, $0, $1) }
        }
        // The kernel cuts this down to its own limit.
        try Errno.check { listen(number, 4_096) }
        self.address = SocketAddress(bytes: address.bytes, port: try Self.port(number))
    }

    /// Listens no more: from here on the kernel refuses connections.
    ///
    /// The descriptor is closed with the last reference.
    package func stop() {
        // It fails only when it was stopped before.
        _ = shutdown(owner.number, Int32(SHUT_RDWR))
    }

    /// What accepting one connection brought.
    package enum Accepted: ~Copyable {
        case connection(Socket, PeerAddress)
        /// Nobody waits.
        case nobody
        /// This one connection was lost; others may wait.
        case lost
        /// The process or the system has no descriptor or no memory left.
        case exhausted
    }

    /// Accepts one waiting connection.
    package func accept() -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe shim_accept4(owner.number, $0, &length, 0x80000 | 0x800)
            }
        }
        guard number < 0 else {
            return .connection(
                Socket(owning: FileDescriptor(owning: number)), PeerAddress(storage))
        }
        switch Errno.last {
        case .wouldBlock: return .nobody
        case .tooManyFiles, .tooManyFilesInSystem, .outOfMemory, Errno(ENOBUFS): return .exhausted
        default: return .lost
        }
    }

    private static func port(_ number: Int32) throws(Errno) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        try Errno.check {
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getsockname(number, $0, &length)
                }
            }
        }
        // The port lies at offset 2 in both families.
        return unsafe withUnsafeBytes(of: &storage) {
            unsafe UInt16($0[2]) << 8 | UInt16($0[3])
        }
    }

    private static func set(
        _ number: Int32, _ level: Int32, _ option: Int32, _ value: Int32
    ) throws(Errno) {
        var value = value
        try Errno.check {
            unsafe setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
