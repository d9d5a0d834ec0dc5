/// An IPv4 or IPv6 address as bits.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    /// The upper and the lower 64 bits.
    case v6(UInt64, UInt64)

    /// Reads the textual form (RFC 4291 section 2.2, or four decimal numbers); a zone is dropped.
    ///
    /// Nothing else is an address: no octal, no hexadecimal, no short form of IPv4.
    package init?(_ text: some StringProtocol) {
        let bare = text.prefix { $0 != "%" }
        if bare.utf8.contains(0x3A) {
            guard let groups = Self.groups(bare) else { return nil }
            let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
            let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
            self = .v6(high, low)
        } else {
            guard let bits = Self.dotted(bare) else { return nil }
            self = .v4(bits)
        }
    }

    /// Whether it is this machine's own: 127.0.0.0/8, `::1`, or the former mapped into IPv6.
    package var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(0, let low): low == 1 || low >> 24 == 0xFFFF_7F
        case .v6: false
        }
    }

    private static func dotted(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }

    /// The eight groups of an IPv6 address.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        guard let gap = doubleColon(text) else {
            guard let all = listed(text), all.count == 8 else { return nil }
            return all
        }
        let rest = text[text.index(gap, offsetBy: 2)...]
        // Only the last groups may be written as an IPv4 address.
        guard !text[..<gap].utf8.contains(0x2E), let front = listed(text[..<gap]),
            let back = listed(rest),
            front.count + back.count <= 7
        else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func doubleColon<Text: StringProtocol>(_ text: Text) -> Text.Index? {
        text.indices.first { text[$0...].hasPrefix("::") }
    }

    /// The groups between colons; the last may be an IPv4 address and is then two groups.
    private static func listed(_ text: some StringProtocol) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in zip(0..., parts) {
            if index == parts.count - 1, let bits = dotted(part) {
                groups += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
            } else if (1...4).contains(part.utf8.count), part.utf8.first != 0x2B,
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
