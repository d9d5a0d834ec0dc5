internal import CLinux

/// An IPv4 or IPv6 address with a port; never a name, so that nothing is looked up.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen bytes, in network order.
    package let bytes: [UInt8]
    package let port: UInt16

    package init(bytes: [UInt8], port: UInt16) {
        precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
        self.bytes = bytes
        self.port = port
    }

    /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; nil for anything else.
    ///
    /// `localhost` is 127.0.0.1. Port 0 lets the kernel choose.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits)
        else { return nil }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let bytes = Self.parse(String(host.dropFirst().dropLast()), AF_INET6, 16) else {
                return nil
            }
            self.init(bytes: bytes, port: port)
        } else {
            guard let bytes = Self.parse(host, AF_INET, 4) else { return nil }
            self.init(bytes: bytes, port: port)
        }
    }

    package var description: String {
        if bytes.count == 4 {
            return bytes.map { String($0) }.joined(separator: ".") + ":\(port)"
        }
        let groups = stride(from: 0, to: 16, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }
        return "[" + groups.joined(separator: ":") + "]:\(port)"
    }

    var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

    private static func parse(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { room in
            unsafe inet_pton(family, text, room.baseAddress)
        }
        return result == 1 ? bytes : nil
    }
}

extension SocketAddress {
    /// Lends the kernel's form of the address.
    func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        if bytes.count == 4 {
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &form.sin_addr) { unsafe $0.copyBytes(from: bytes) }
            return unsafe withUnsafePointer(to: &form) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var form = sockaddr_in6()
        form.sin6_family = sa_family_t(AF_INET6)
        form.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &form.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &form) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

/// Who a connection comes from: an IPv4 or an IPv6 address.
package struct PeerAddress: Sendable, Hashable {
    /// The upper 64 bits of an IPv6 address, or the 32 of an IPv4 address.
    package let high: UInt64
    /// The lower 64 bits of an IPv6 address.
    package let low: UInt64
    package let isVersion4: Bool

    /// As far as peers are counted.
    ///
    /// The last 64 bits of an IPv6 address are the peer's to choose, so they tell nobody apart.
    package var network: PeerAddress {
        PeerAddress(high: high, low: 0, isVersion4: isVersion4)
    }

    private init(high: UInt64, low: UInt64, isVersion4: Bool) {
        self.high = high
        self.low = low
        self.isVersion4 = isVersion4
    }

    /// Reads what the kernel filled in; all that is not an Internet address is one peer.
    init(_ storage: sockaddr_storage) {
        var storage = storage
        var number: UInt64 = 0
        var rest: UInt64 = 0
        var isVersion4 = Int32(storage.ss_family) == AF_INET
        unsafe withUnsafeBytes(of: &storage) { bytes in
            // sin_addr lies at offset 4, sin6_addr at offset 8 (ip(7), ipv6(7)).
            var range = isVersion4 ? 4..<8 : 8..<16
            // ::ffff:a.b.c.d is an IPv4 peer of a socket that listens for both.
            if !isVersion4, unsafe bytes[8..<18].allSatisfy({ $0 == 0 }), unsafe bytes[18] == 0xFF {
                isVersion4 = true
                range = 20..<24
            }
            for index in range { unsafe number = number << 8 | UInt64(bytes[index]) }
            guard !isVersion4 else { return }
            for index in 16..<24 { unsafe rest = rest << 8 | UInt64(bytes[index]) }
        }
        high = number
        low = rest
        self.isVersion4 = isVersion4
    }
}
