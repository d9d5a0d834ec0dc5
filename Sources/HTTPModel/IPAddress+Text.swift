extension IPAddress: CustomStringConvertible {
    /// The usual text (RFC 5952); an IPv4 address within IPv6 is that IPv4 address.
    package var description: String {
        switch self {
        case .v4(let bits): Self.dotted(bits)
        case .v6(0, let low) where low >> 32 == 0xFFFF:
            Self.dotted(UInt32(truncatingIfNeeded: low))
        case .v6(let high, let low): Self.grouped(high, low)
        }
    }

    private static func dotted(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    private static func grouped(_ high: UInt64, _ low: UInt64) -> String {
        let groups = [high, low].flatMap { half in
            [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF }
        }
        // The first of the longest runs of zeros, of two at least.
        var gap = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(gap.count, 1) { gap = start..<end }
            start = max(end, start + 1)
        }
        func text(_ groups: ArraySlice<UInt64>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !gap.isEmpty else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }
}
