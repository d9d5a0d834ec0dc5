/// Why bytes could not be compressed or expanded.
package enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// zlib had no memory for its state.
    case outOfMemory
    /// Not gzip, or damaged: a bad header, a bad code, a checksum or a length that does not fit.
    case corrupt
    /// The input ended before the gzip trailer.
    case truncated
    /// Bytes follow the first gzip member.
    case trailingBytes
    /// The output would be longer than allowed.
    case tooLarge
    /// The output is too many times as long as the input: a decompression bomb.
    case tooDense

    package var description: String {
        switch self {
        case .outOfMemory: "no memory to compress or expand"
        case .corrupt: "the gzip stream is damaged"
        case .truncated: "the gzip stream ends early"
        case .trailingBytes: "bytes follow the end of the gzip stream"
        case .tooLarge: "the content is longer than allowed"
        case .tooDense: "the gzip stream expands too much for its length"
        }
    }
}
