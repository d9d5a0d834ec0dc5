/// Percent-encoding of URL parts (RFC 3986 section 2.1), over bytes.
package enum PercentEncoding {
    /// Decodes `%xx` once; nil when a `%` is not followed by two hex digits.
    package static func decoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            guard byte == 0x25 else {
                result.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue)
            else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    /// Whether the bytes hold something that a second decoding would change.
    package static func hasEscape(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 3 else { return false }
        return (0..<bytes.count - 2).contains {
            bytes[$0] == 0x25 && hexValue(bytes[$0 + 1]) != nil && hexValue(bytes[$0 + 2]) != nil
        }
    }

    /// Encodes one path segment with upper-case digits.
    ///
    /// Unreserved characters and those of `keeping` stay, all else is escaped. `+` is escaped, since S3-like storage reads it as a space.
    package static func encodedSegment(_ text: String, keeping: String = "") -> String {
        var result: [UInt8] = []
        let kept = Array(keeping.utf8)
        for byte in text.utf8 {
            if isUnreserved(byte) || kept.contains(byte) {
                result.append(byte)
            } else {
                result.append(0x25)
                result.append(hexDigit(byte >> 4))
                result.append(hexDigit(byte & 0xF))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    package static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x41 + value - 10
    }
}
