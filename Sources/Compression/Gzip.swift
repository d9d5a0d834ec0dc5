internal import CZlib

/// How much work goes into making the output small.
package enum CompressionLevel: Int32, Hashable, Sendable {
    case fast = 1
    case standard = 6
    case small = 9
}

/// Compresses `content` to one gzip member (RFC 1952).
///
/// The same content and level give the same bytes on any machine with the same zlib: no time, no
/// file name, operating system unknown (255). So the output may carry a strong entity tag.
///
/// - Throws: ``CompressionError/tooLarge`` from 2 GiB on, ``CompressionError/outOfMemory``.
package func gzip(
    _ content: [UInt8], level: CompressionLevel = .standard
) throws(CompressionError) -> [UInt8] {
    guard content.count < 1 << 31 else { throw .tooLarge }
    var stream = unsafe z_stream()
    // One pointer for the whole life of the stream, because zlib keeps its address.
    let result = unsafe withUnsafeMutablePointer(to: &stream) { stream in
        unsafe compress(content, level, with: stream)
    }
    return try result.get()
}

/// Expands `content`, which must be exactly one gzip member.
///
/// - Throws: Also when the limits are passed, with the output thrown away.
package func gunzip(
    _ content: [UInt8], limits: ExpansionLimits
) throws(CompressionError) -> [UInt8] {
    var inflater = try Inflater(limits: limits)
    let output = try inflater.push(content)
    try inflater.finish()
    return output
}

/// Compresses in one step, into room for the worst case.
private func compress(
    _ content: [UInt8], _ level: CompressionLevel, with stream: UnsafeMutablePointer<z_stream>
) -> Result<[UInt8], CompressionError> {
    // 15 bits of window, and 16 more for a gzip header and trailer.
    let started = unsafe deflateInit2_(
        stream, level.rawValue, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { return .failure(.outOfMemory) }
    defer { unsafe deflateEnd(stream) }

    var header = unsafe gz_header()
    unsafe header.os = 255
    return unsafe withUnsafeMutablePointer(to: &header) { header in
        unsafe deflateSetHeader(stream, header)
        let capacity = unsafe Int(deflateBound(stream, UInt(content.count)))
        var result = Z_OK
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            unsafe content.withUnsafeBufferPointer { source in
                // zlib reads next_in and never writes through it.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = room.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room.count)
                result = unsafe deflate(stream, Z_FINISH)
                count = unsafe room.count - Int(stream.pointee.avail_out)
            }
        }
        // With room for deflateBound bytes one call always ends the stream.
        return result == Z_STREAM_END ? .success(output) : .failure(.corrupt)
    }
}
