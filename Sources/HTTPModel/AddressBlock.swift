/// All addresses that share their first bits with one, as `10.0.0.0/8`; one address alone is a block.
///
/// Source: RFC 4632 section 3.1, RFC 4291 section 2.3.
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    private let address: IPAddress
    private let bitCount: Int

    /// Reads an address, or an address, a slash and a number of bits; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts.isEmpty, !parts[0].contains("%"), let address = IPAddress(parts[0]) else {
            return nil
        }
        var count = address.bitWidth
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= count
            else { return nil }
            count = number
        }
        self.address = address
        bitCount = count
        description = String(text)
    }

    package func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        // A shift by the whole width gives zero.
        case (.v4(let one), .v4(let two)): (one ^ two) >> (32 - bitCount) == 0
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            (high ^ otherHigh) >> (64 - min(bitCount, 64)) == 0
                && (low ^ otherLow) >> (64 - max(bitCount - 64, 0)) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension IPAddress {
    fileprivate var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }
}
