/// A set of ASCII bytes, asked without a branch for each member.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    /// The set of the bytes of a text; what is no ASCII is left out.
    init(_ members: String) {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for byte in members.utf8 where byte < 128 {
            let bit: UInt64 = 1 &<< UInt64(byte & 63)
            if byte < 64 { low |= bit } else { high |= bit }
        }
        (self.low, self.high) = (low, high)
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : byte < 128 ? high : 0
        return (word &>> UInt64(byte & 63)) & 1 == 1
    }

    /// Whether every byte is a member; true for none.
    func containsAll(of bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            guard contains(bytes[index]) else { return false }
            index &+= 1
        }
        return true
    }

    static let hexDigits = ByteSet("0123456789abcdefABCDEF")
    static let decimalDigits = ByteSet("0123456789")
}
