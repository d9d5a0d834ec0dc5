/// Eight bytes in one register, the first one lowest.
///
/// Here and not only in `ByteSearch`, since functions of another module are not inlined, and a call
/// for each word would cost more than the word.
enum ByteWord {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let tops: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    static func load(_ bytes: Span<UInt8>, at start: Int) -> UInt64 {
        let piece = bytes.extracting(start..<start &+ 8)
        let low =
            UInt64(piece[0]) | UInt64(piece[1]) &<< 8 | UInt64(piece[2]) &<< 16
            | UInt64(piece[3]) &<< 24
        let high =
            UInt64(piece[4]) &<< 32 | UInt64(piece[5]) &<< 40 | UInt64(piece[6]) &<< 48
            | UInt64(piece[7]) &<< 56
        return low | high
    }

    /// The `count` bytes from `start` on, at most eight, with zeros behind them.
    @inline(__always)
    static func load(_ bytes: Span<UInt8>, at start: Int, count: Int) -> UInt64 {
        if start &+ 8 <= bytes.count {
            let word = load(bytes, at: start)
            return count >= 8 ? word : word & ((1 &<< UInt64(8 &* count)) &- 1)
        }
        return loadAtEnd(bytes, at: start, count: count)
    }

    private static func loadAtEnd(_ bytes: Span<UInt8>, at start: Int, count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<min(count, 8) {
            word |= UInt64(bytes[start &+ index]) &<< UInt64(8 &* index)
        }
        return word
    }

    /// The top bit of each byte of `word` that is zero; only the lowest bit set is exact.
    @inline(__always)
    static func zeros(in word: UInt64) -> UInt64 {
        (word &- ones) & ~word & tops
    }

    /// Whether all eight bytes are hexadecimal digits of either case.
    @inline(__always)
    static func isHex(_ word: UInt64) -> Bool {
        // Of ASCII bytes no sum carries; the top bits tell where a byte is at least so much.
        let lower = word | 0x2020_2020_2020_2020
        let letters = (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x1919_1919_1919_1919)
        let digits = (word &+ 0x5050_5050_5050_5050) & ~(word &+ 0x4646_4646_4646_4646)
        return word & tops == 0 && (letters | digits) & tops == tops
    }
}
