/// A set of ASCII bytes, asked without a branch for each member.
struct ByteSet: Sendable, Hashable {
    let low: UInt64
    let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

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
}

/// The sets that are asked for each byte of a page, as constants: those need no initialisation.
extension ByteSet {
    static let decimalDigits = ByteSet(low: 0x03FF_0000_0000_0000, high: 0)
    static let hexDigits = ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E)
    static let alphanumerics = ByteSet(low: 0x03FF_0000_0000_0000, high: 0x07FF_FFFE_07FF_FFFE)
    /// Letters, digits, `-`, `.` and `_`.
    static let nameBytes = ByteSet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE)
    /// White space, `/` and `>`.
    static let tagNameEnds = ByteSet(low: 0x4000_8001_0000_3600, high: 0)
    /// The same and `=`.
    static let attributeNameEnds = ByteSet(low: 0x6000_8001_0000_3600, high: 0)
    /// What is escaped in HTML: quotes, `&`, `<`, `>` and NUL.
    static let htmlSpecial = ByteSet(low: 0x5000_00C4_0000_0001, high: 0)
}
