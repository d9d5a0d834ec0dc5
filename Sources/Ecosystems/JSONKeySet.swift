/// The keys that an object has shown, to refuse a second one.
///
/// Two readers of a text with duplicate keys may each see another value, which is how a check is
/// walked around. Keys are compared by their values, so `"\u0075rl"` is `"url"`. Kept between
/// objects with ``removeAll()`` it does not allocate.
package struct JSONKeySet: Sendable {
    // Hashes with the process's seed: nobody outside can make two keys meet in all 64 bits.
    private var few: [Int] = []
    private var many: Set<Int> = []

    package init() {}

    package var count: Int { many.isEmpty ? few.count : many.count }

    package mutating func removeAll() {
        few.removeAll(keepingCapacity: true)
        if !many.isEmpty { many.removeAll() }
    }

    /// Whether `key` is new; it is remembered.
    package mutating func insert(_ key: JSONText, in bytes: [UInt8]) -> Bool {
        let hash =
            if key.hasEscapes {
                Self.hash(key.decoded(in: bytes).span)
            } else {
                Self.hash(bytes.span.extracting(key.range))
            }
        guard many.isEmpty else { return many.insert(hash).inserted }
        guard !few.contains(hash) else { return false }
        few.append(hash)
        if few.count > 32 { many = Set(few) }
        return true
    }

    private static func hash(_ bytes: Span<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hasher.combine(ByteSearch.word(bytes, at: index))
            index += 8
        }
        while index < bytes.count {
            hasher.combine(bytes[index])
            index += 1
        }
        return hasher.finalize()
    }
}
