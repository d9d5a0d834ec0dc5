internal import HTTPModel

extension PercentEncoding {
    /// How often a text may have been encoded for us to see what it says.
    private static let depth = 3

    /// The text behind all escapes, whether or not every `%` begins one; to be looked at only.
    static func withoutEscapes(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<depth {
            guard hasEscape(bytes) else { break }
            bytes = decodingEscapes(bytes)
        }
        return bytes
    }

    private static func decodingEscapes(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
