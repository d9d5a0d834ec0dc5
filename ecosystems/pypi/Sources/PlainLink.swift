internal import Ecosystems

/// A path to a file that needs no decoding and no resolving; ranges are of the page's bytes.
///
/// It has only unreserved characters (RFC 3986 section 2.3), no segment that is empty or begins with
/// a dot, and ends where its text ends or a fragment begins.
struct PlainLink {
    let path: Range<Int>
    /// The last segment, which names a distribution.
    let filename: Range<Int>

    /// Reads a path in one pass; nil for one that is not plain.
    init?(_ range: Range<Int>, of bytes: Span<UInt8>) {
        let text = bytes.extracting(0..<range.upperBound)
        var end = Progress(index: range.lowerBound, segment: range.lowerBound)
        guard Self.skipWords(text, &end), Self.skipBytes(text, &end),
            DistributionFileName.isOne(text.extracting(end.segment..<end.index))
        else { return nil }
        path = range.lowerBound..<end.index
        filename = end.segment..<end.index
    }

    private struct Progress {
        var index: Int
        /// Where the segment began that `index` is in.
        var segment: Int
    }

    /// Goes on while eight bytes at a time are plain; false for a segment that may not be.
    ///
    /// A lane is the top bit of a byte; no sum here carries from one byte into the next, since the
    /// bytes are ASCII.
    private static func skipWords(_ text: Span<UInt8>, _ at: inout Progress) -> Bool {
        var isAtStart: UInt64 = 0x80
        while at.index &+ 8 <= text.count {
            let word = ByteWord.load(text, at: at.index)
            guard word & ByteWord.tops == 0 else { return true }
            let slashes = lanes(of: 0x2F, in: word)
            let starts = slashes &<< 8 | isAtStart
            guard plainLanes(word) == ByteWord.tops else { return true }
            guard starts & (slashes | lanes(of: 0x2E, in: word)) == 0 else { return false }
            if slashes != 0 { at.segment = at.index &+ 8 &- slashes.leadingZeroBitCount &>> 3 }
            isAtStart = slashes &>> 56
            at.index &+= 8
        }
        return true
    }

    private static func skipBytes(_ text: Span<UInt8>, _ at: inout Progress) -> Bool {
        while at.index < text.count {
            let byte = text[at.index]
            switch byte {
            case 0x2F:
                guard at.index > at.segment else { return false }
                at.segment = at.index &+ 1
            case 0x23: return true
            case 0x2E where at.index == at.segment: return false
            case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x7E: break
            default: return false
            }
            at.index &+= 1
        }
        return true
    }

    /// The lanes that hold letters, digits, `-`, `.`, `/` or `_`.
    @inline(__always)
    private static func plainLanes(_ word: UInt64) -> UInt64 {
        let lower = word | 0x2020_2020_2020_2020
        // From `a`, and not behind `z`.
        let letters =
            (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x0505_0505_0505_0505)
        // From `-` to `9`.
        let others = (word &+ 0x5353_5353_5353_5353) & ~(word &+ 0x4646_4646_4646_4646)
        return (letters | others | lanes(of: 0x5F, in: word)) & ByteWord.tops
    }

    @inline(__always)
    private static func lanes(of byte: UInt8, in word: UInt64) -> UInt64 {
        let differences = word ^ (UInt64(byte) &* ByteWord.ones)
        return ~(differences &+ ~ByteWord.tops) & ByteWord.tops
    }
}
