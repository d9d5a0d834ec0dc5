/// HMAC with SHA-256 (RFC 2104).
package enum MessageAuthentication {
    private static let blockByteCount = 64

    /// The 32 bytes of the code of `message` under `key`.
    package static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > blockByteCount ? BlobDigest.of(key).bytes : key
        block += [UInt8](repeating: 0, count: blockByteCount - block.count)
        let inner = BlobDigest.of(block.map { $0 ^ 0x36 } + message)
        return BlobDigest.of(block.map { $0 ^ 0x5C } + inner.bytes).bytes
    }
}
