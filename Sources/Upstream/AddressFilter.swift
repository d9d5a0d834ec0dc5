package import HTTPModel

/// Which addresses may be dialled (rule U2 of the reliability study).
///
/// It judges the address that a socket is about to be connected to, or is connected to, so that
/// neither a name that resolves to a private address nor an odd spelling of one gets past it.
package enum AddressFilter {
    /// Whether an address is one of the public internet.
    ///
    /// A form that carries an IPv4 address inside an IPv6 one is judged by what it carries.
    ///
    /// Source: the special-purpose registries of RFC 6890 as IANA keeps them.
    package static func isPublic(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let bits): !specialV4.contains { bits >> $0.shift == $0.prefix >> $0.shift }
        case .v6(let high, let low):
            if let carried = carried(high, low) {
                carried.allSatisfy { isPublic(.v4($0)) }
            } else {
                // Only 2000::/3 is global unicast (RFC 4291 section 2.4).
                high >> 61 == 1
                    && !specialV6.contains { high >> $0.shift == $0.prefix >> $0.shift }
            }
        }
    }

    private struct BlockV4 {
        let prefix: UInt32
        let shift: UInt32

        init(_ a: UInt32, _ b: UInt32, _ c: UInt32, length: UInt32) {
            prefix = a << 24 | b << 16 | c << 8
            shift = 32 - length
        }
    }

    private static let specialV4 = [
        BlockV4(0, 0, 0, length: 8),  // this network, unspecified
        BlockV4(10, 0, 0, length: 8),  // private, RFC 1918
        BlockV4(100, 64, 0, length: 10),  // carrier-grade NAT, RFC 6598
        BlockV4(127, 0, 0, length: 8),  // loopback
        BlockV4(169, 254, 0, length: 16),  // link-local, and clouds' metadata
        BlockV4(172, 16, 0, length: 12),  // private, RFC 1918
        BlockV4(192, 0, 0, length: 24),  // protocol assignments
        BlockV4(192, 0, 2, length: 24),  // documentation
        BlockV4(192, 88, 99, length: 24),  // 6to4 relays, RFC 7526
        BlockV4(192, 168, 0, length: 16),  // private, RFC 1918
        BlockV4(198, 18, 0, length: 15),  // benchmarks
        BlockV4(198, 51, 100, length: 24),  // documentation
        BlockV4(203, 0, 113, length: 24),  // documentation
        BlockV4(224, 0, 0, length: 4),  // multicast
        BlockV4(240, 0, 0, length: 4),  // reserved, broadcast
    ]

    /// A block of at most 64 bits of prefix.
    private struct BlockV6 {
        let prefix: UInt64
        let shift: UInt64

        init(_ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, length: UInt64) {
            prefix = a << 48 | b << 32 | c << 16
            shift = 64 - length
        }
    }

    /// What is not public within 2000::/3.
    private static let specialV6 = [
        BlockV6(0x2001, 0x2, length: 48),  // benchmarks
        BlockV6(0x2001, 0x10, length: 28),  // ORCHID
        BlockV6(0x2001, 0x20, length: 28),  // ORCHIDv2
        BlockV6(0x2001, 0xDB8, length: 32),  // documentation
        BlockV6(0x3FFF, length: 20),  // documentation, RFC 9637
    ]

    /// The IPv4 addresses that an IPv6 address carries, or nil when it is of no such form.
    ///
    /// `::` and `::1` are of the IPv4-compatible form, so they carry 0.0.0.0 and 0.0.0.1.
    private static func carried(_ high: UInt64, _ low: UInt64) -> [UInt32]? {
        let last = UInt32(truncatingIfNeeded: low)
        // IPv4-compatible and IPv4-mapped (RFC 4291 section 2.5.5), IPv4-translated (RFC 2765).
        if high == 0, [0, 0xFFFF, 0xFFFF_0000].contains(low >> 32) { return [last] }
        // NAT64 (RFC 6052).
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return [last] }
        // Teredo (RFC 4380): the server, and the client with its bits inverted.
        if high >> 32 == 0x2001_0000 { return [UInt32(truncatingIfNeeded: high), ~last] }
        // 6to4 (RFC 3056).
        if high >> 48 == 0x2002 { return [UInt32(truncatingIfNeeded: high >> 16)] }
        return nil
    }
}
