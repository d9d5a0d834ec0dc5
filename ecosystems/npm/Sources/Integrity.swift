internal import Digests

/// The digests of a version's tarball, as its document promises them.
enum Integrity {
    /// The digests of the strongest algorithm in `integrity`, any of which may match; else `shasum`.
    ///
    /// Empty when the document promises nothing that can be checked.
    /// Source: W3C Subresource Integrity section 3.3.
    static func digests(integrity: [UInt8]?, shasum: [UInt8]?) -> [Digest] {
        let promised = (integrity ?? []).split(whereSeparator: { $0 <= 0x20 }).compactMap(digest)
        for algorithm in [DigestAlgorithm.sha512, .sha384, .sha256, .sha1] {
            let strongest = promised.filter { $0.algorithm == algorithm }
            if algorithm == .sha1, let digest = shasum.flatMap(sha1) { return [digest] }
            if !strongest.isEmpty { return strongest }
        }
        return []
    }

    private static func sha1(_ hex: [UInt8]) -> Digest? {
        Digest(algorithm: .sha1, hex: String(decoding: hex, as: UTF8.self))
    }

    /// One `sha512-<base64>`, with options behind a `?` that say nothing to us.
    private static func digest(_ text: ArraySlice<UInt8>) -> Digest? {
        guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")),
            let algorithm = DigestAlgorithm(
                rawValue: String(decoding: text[..<hyphen], as: UTF8.self))
        else { return nil }
        let value = text[(hyphen + 1)...].prefix { $0 != UInt8(ascii: "?") }
        return decoded(value).flatMap { Digest(algorithm: algorithm, bytes: $0) }
    }

    /// Decodes base64 (RFC 4648 section 4), with or without its padding.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        var rest = text[...]
        while rest.last == UInt8(ascii: "=") { rest = rest.dropLast() }
        guard text.count - rest.count <= 2, rest.count % 4 != 1 else { return nil }
        for byte in rest {
            guard let value = value(of: byte) else { return nil }
            bits = bits &<< 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits &>> UInt32(count)))
            }
        }
        return result
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
