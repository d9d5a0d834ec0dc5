internal import CLinux

/// Whole runs of bytes at once, where looking at each would be most of the work.
package enum ByteRuns {
    /// A number for the first `count` bytes; fast, and no defence against whoever chooses them.
    package static func hash(_ bytes: [UInt8], count: Int) -> UInt64 {
        precondition(count <= bytes.count)
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        return unsafe bytes.withUnsafeBytes { bytes in
            var hash = UInt64(count) &* factor
            var index = 0
            while index + 8 <= count {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                hash = (hash ^ word) &* factor
                hash ^= hash >> 29
                index += 8
            }
            while index < count {
                hash = (hash ^ UInt64(unsafe bytes[index])) &* factor
                index += 1
            }
            return hash
        }
    }

    /// Whether `whole` is the first `count` bytes of `other`.
    package static func isSame(_ whole: [UInt8], _ other: [UInt8], count: Int) -> Bool {
        guard whole.count == count, other.count >= count else { return false }
        return unsafe whole.withUnsafeBytes { whole in
            unsafe other.withUnsafeBytes { other in
                guard let first = whole.baseAddress, let second = other.baseAddress else {
                    return true
                }
                return unsafe memcmp(first, second, count) == 0
            }
        }
    }
}
