import Glibc

/// A blocking TCP socket on 127.0.0.1; closed when dropped.
///
/// One thread reads and writes; any thread may shut it down, which wakes the other. What is written goes
/// out at once: a body would otherwise wait up to 40 ms until the head before it is acknowledged (RFC 896
/// and RFC 1122 section 4.2.3.2 together).
package final class LoopbackSocket: Sendable {
    package struct Failure: Error {
        package let operation: String
        package let code: Int32
    }

    private let descriptor: Int32

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
        try? set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    deinit { close(descriptor) }

    /// Listens on `port`, or on a free one for 0.
    package static func listening(
        port: UInt16 = 0, backlog: Int32 = 1_024
    ) throws -> LoopbackSocket {
        let socket = try bound(port: port)
        try check("listen", listen(socket.descriptor, backlog))
        return socket
    }

    /// Keeps `port`, or a free one for 0, as long as it lives, for who will listen there.
    ///
    /// It never listens: until the program does, connections are refused. Who listens has to bind
    /// the socket with `SO_REUSEADDR`, as servers do; nobody who asks for any port is given this one.
    package static func reserved(port: UInt16 = 0) throws -> LoopbackSocket {
        try bound(port: port)
    }

    private static func bound(port: UInt16) throws -> LoopbackSocket {
        let socket = LoopbackSocket(owning: try make())
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        try unsafe socket.with(port: port) { address, length in
            unsafe bind(socket.descriptor, address, length)
        }
        return socket
    }

    package static func connected(to port: UInt16) throws -> LoopbackSocket {
        let socket = LoopbackSocket(owning: try make())
        try unsafe socket.with(port: port) { address, length in
            unsafe connect(socket.descriptor, address, length)
        }
        return socket
    }

    /// The local port.
    package var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next connection; nil once it was shut down.
    package func accept() -> LoopbackSocket? {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 { return LoopbackSocket(owning: accepted) }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// Some bytes; none at the end or on failure.
    package func read(atMost limit: Int = 65_536) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: limit) { room, filled in
            var count = -1
            repeat {
                count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
    }

    /// Writes all of it; false when the peer takes no more.
    package func write(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let flags = Int32(MSG_NOSIGNAL)
                let count = unsafe send(descriptor, piece.baseAddress, piece.count, flags)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = unsafe rest.dropFirst(count)
            }
            return true
        }
    }

    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Ends both directions, from any thread.
    package func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Makes closing it a reset instead of an orderly end.
    package func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bounds what the kernel takes before the peer reads.
    package func limitSendBuffer(to byteCount: Int32) { try? set(SOL_SOCKET, SO_SNDBUF, byteCount) }

    private static func make() throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        return try check("socket", socket(AF_INET, type, 0))
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) throws {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        try Self.check(
            "setsockopt", unsafe setsockopt(descriptor, level, option, &value, size))
    }

    private func with(
        port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe call($0, length)
            }
        }
        try Self.check("bind or connect", result)
    }

    @discardableResult
    private static func check(_ operation: String, _ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw Failure(operation: operation, code: errno) }
        return result
    }
}
