internal import Ecosystems

/// A text of at most 24 bytes packed into words, so that names are compared without a loop.
struct ShortText: Sendable, Hashable {
    static let limit = 24

    let count: Int
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    /// Packs a name that is known to be short.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        guard let packed = ShortText(0..<bytes.count, of: bytes.span) else {
            preconditionFailure("a name of more than \(Self.limit) bytes")
        }
        self = packed
    }

    /// Packs a range of a document; nil when it is longer than ``limit``.
    @inline(__always)
    init?(_ range: Range<Int>, of bytes: Span<UInt8>) {
        count = range.count
        let start = range.lowerBound
        guard count <= 24 else { return nil }
        first = ByteWord.load(bytes, at: start, count: count)
        second = count > 8 ? ByteWord.load(bytes, at: start &+ 8, count: count &- 8) : 0
        third = count > 16 ? ByteWord.load(bytes, at: start &+ 16, count: count &- 16) : 0
    }

    private init(count: Int, _ first: UInt64, _ second: UInt64, _ third: UInt64) {
        self.count = count
        self.first = first
        self.second = second
        self.third = third
    }

    /// The text with ASCII letters in lower case.
    @inline(__always)
    var lowercased: ShortText {
        ShortText(
            count: count, Self.lowercased(first), Self.lowercased(second), Self.lowercased(third))
    }

    /// Sets bit 5 of each byte that is in `A...Z`.
    @inline(__always)
    private static func lowercased(_ word: UInt64) -> UInt64 {
        // Without the top bits no sum carries into the next byte.
        let low = word & ~ByteWord.tops
        let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
        let afterZ = low &+ 0x2525_2525_2525_2525
        return word | ((fromA ^ afterZ) & ~word & ByteWord.tops) &>> 2
    }

    @inline(__always)
    static func == (one: ShortText, other: ShortText) -> Bool {
        one.first == other.first && one.count == other.count && one.second == other.second
            && one.third == other.third
    }
}

extension JSONText {
    /// The string's value when that is short, to compare it with names that are known.
    ///
    /// Nil for a longer one, and for one with escapes, which must be decoded to be compared.
    @inline(__always)
    func short(in bytes: Span<UInt8>) -> ShortText? {
        hasEscapes ? nil : ShortText(range, of: bytes)
    }
}
