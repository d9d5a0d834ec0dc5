internal import CLinux

/// Random bytes from the kernel, fit for names that nobody may guess and for secrets.
package enum SystemRandom {
    /// `count` bytes, zero or more.
    package static func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[filled...])
                let step = unsafe getrandom(rest.baseAddress, rest.count, 0)
                // Without flags, only a signal can make it fail.
                precondition(step > 0 || Errno.last == .interrupted, "getrandom failed")
                if step > 0 { filled += step }
            }
        }
    }

    /// Twice as many lower-case digits as `byteCount`.
    package static func hexadecimal(byteCount: Int) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(byteCount * 2)
        for byte in bytes(byteCount) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
