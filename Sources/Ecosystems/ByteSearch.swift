/// Searches over bytes, eight at a time in one register and without unsafe code.
package enum ByteSearch {
    /// The first index at or after `start` that holds `byte`, or nil.
    ///
    /// A `start` at or past the end is legal and finds nothing.
    package static func first(
        _ byte: UInt8, in bytes: Span<UInt8>, from start: Int
    ) -> Int? {
        var index = start
        let repeated = UInt64(byte) &* ones
        while index &+ 8 <= bytes.count {
            let found = zeros(in: word(bytes, at: index) ^ repeated)
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < bytes.count {
            if bytes[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// Whether the bytes from `start` on begin with all of `prefix`.
    package static func starts(
        _ bytes: Span<UInt8>, at start: Int, with prefix: Span<UInt8>
    ) -> Bool {
        guard start >= 0, prefix.count <= bytes.count &- start else { return false }
        var index = 0
        while index &+ 8 <= prefix.count {
            guard word(bytes, at: start &+ index) == word(prefix, at: index) else { return false }
            index &+= 8
        }
        while index < prefix.count {
            guard bytes[start &+ index] == prefix[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether no byte is above 0x7F.
    package static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        var union: UInt64 = 0
        while index &+ 8 <= bytes.count {
            union |= word(bytes, at: index)
            index &+= 8
        }
        while index < bytes.count {
            union |= UInt64(bytes[index])
            index &+= 1
        }
        return union & tops == 0
    }

    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The eight bytes from `start` on, the first one lowest.
    @inline(__always)
    static func word(_ bytes: Span<UInt8>, at start: Int) -> UInt64 {
        let piece = bytes.extracting(start..<start &+ 8)
        let low =
            UInt64(piece[0]) | UInt64(piece[1]) &<< 8 | UInt64(piece[2]) &<< 16
            | UInt64(piece[3]) &<< 24
        let high =
            UInt64(piece[4]) &<< 32 | UInt64(piece[5]) &<< 40 | UInt64(piece[6]) &<< 48
            | UInt64(piece[7]) &<< 56
        return low | high
    }

    /// The top bit of each byte of `word` that is zero.
    ///
    /// The lowest bit set is exact; a borrow may set bits above it wrongly, so take only the lowest.
    @inline(__always)
    static func zeros(in word: UInt64) -> UInt64 {
        (word &- ones) & ~word & tops
    }
}
