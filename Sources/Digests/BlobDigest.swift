internal import CCrypto

/// The SHA-256 that names a blob, kept inline so that a dictionary key needs no allocation.
package struct BlobDigest: Hashable, Sendable {
    // Big-endian words, in the order of the digest's bytes.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// - Returns: `nil` unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        self.init(span: bytes.span)
    }

    /// - Returns: `nil` unless there are exactly 32 bytes.
    package init?(span bytes: Span<UInt8>) {
        guard bytes.count == 32 else { return nil }
        first = Self.word(bytes, at: 0)
        second = Self.word(bytes, at: 8)
        third = Self.word(bytes, at: 16)
        fourth = Self.word(bytes, at: 24)
    }

    /// - Returns: `nil` unless it is exactly 64 ASCII hexadecimal digits, of either case.
    package init?(hex: String) {
        guard let bytes = Hexadecimal.bytes(of: hex, byteCount: 32) else { return nil }
        self.init(bytes: bytes)
    }

    /// - Returns: `nil` unless `digest` is a SHA-256.
    package init?(_ digest: Digest) {
        guard digest.algorithm == .sha256 else { return nil }
        self.init(bytes: digest.bytes)
    }

    /// The name of a blob with this content.
    package static func of(_ content: [UInt8]) -> BlobDigest {
        of(content.span)
    }

    /// The name of a blob with this content.
    package static func of(_ content: Span<UInt8>) -> BlobDigest {
        var bytes = [UInt8](repeating: 0, count: 32)
        let computed = unsafe bytes.withUnsafeMutableBufferPointer { output in
            unsafe content.withUnsafeBufferPointer { input in
                unsafe EVP_Digest(
                    input.baseAddress, input.count, output.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        precondition(computed == 1, "libcrypto without SHA-256")
        guard let digest = BlobDigest(bytes: bytes) else { preconditionFailure("32 bytes") }
        return digest
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    package func isSecretlyEqual(to other: BlobDigest) -> Bool {
        var difference = first ^ other.first
        difference |= second ^ other.second
        difference |= third ^ other.third
        difference |= fourth ^ other.fourth
        return difference == 0
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [first, second, third, fourth] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { Hexadecimal.text(of: bytes) }

    // The bytes are uniformly distributed already, so one word spreads as well as four.
    package func hash(into hasher: inout Swift.Hasher) {
        hasher.combine(first)
    }

    private static func word(_ bytes: Span<UInt8>, at start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in start..<start + 8 {
            word = word << 8 | UInt64(bytes[index])
        }
        return word
    }
}

extension BlobDigest: CustomStringConvertible {
    package var description: String { hex }
}

extension BlobDigest: Comparable {
    /// By the digests' bytes, which is the order of their hexadecimal forms as well.
    package static func < (left: BlobDigest, right: BlobDigest) -> Bool {
        (left.first, left.second, left.third, left.fourth)
            < (right.first, right.second, right.third, right.fourth)
    }
}
