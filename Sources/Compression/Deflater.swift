internal import CZlib

/// How much work goes into making the output small.
package enum CompressionLevel: Int32, Hashable, Sendable {
    case fast = 1
    case standard = 6
    case small = 9
}

/// Compresses what arrives in pieces to one gzip member (RFC 1952).
///
/// The same pieces and level give the same bytes on any machine with the same zlib: no time, no file
/// name, operating system unknown (255). So the output may carry a strong entity tag. Keeps about
/// 256 KiB. After a throw it is of no further use.
@safe package struct Deflater: ~Copyable {
    // On the heap, because zlib keeps the addresses of its stream and of the header.
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>

    // 15 bits of window, and 16 more for a gzip header and trailer.
    private static var gzipWindowBits: Int32 { 15 + 16 }

    /// - Throws: ``CompressionError/outOfMemory``.
    package init(level: CompressionLevel = .standard) throws(CompressionError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let started = unsafe deflateInit2_(
            stream, level.rawValue, Z_DEFLATED, Self.gzipWindowBits, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else {
            unsafe stream.deinitialize(count: 1)
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        let header = UnsafeMutablePointer<gz_header>.allocate(capacity: 1)
        unsafe header.initialize(to: gz_header())
        unsafe header.pointee.os = 255
        unsafe deflateSetHeader(stream, header)
        unsafe self.stream = unsafe stream
        unsafe self.header = unsafe header
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
        unsafe header.deinitialize(count: 1)
        unsafe header.deallocate()
    }

    /// Takes the next piece, and appends what of the member is there by now, perhaps nothing.
    package mutating func push(
        _ piece: Span<UInt8>, into output: inout [UInt8]
    ) throws(CompressionError) {
        var start = 0
        while start < piece.count {
            // zlib counts in 32 bits.
            let end = min(piece.count, start + (1 << 30))
            try deflate(piece.extracting(start..<end), Z_NO_FLUSH, into: &output)
            start = end
        }
    }

    /// Takes the next piece.
    package mutating func push(
        _ piece: [UInt8], into output: inout [UInt8]
    ) throws(CompressionError) {
        try push(piece.span, into: &output)
    }

    /// Says that no further piece comes, and appends the rest of the member; called once.
    package mutating func finish(into output: inout [UInt8]) throws(CompressionError) {
        try deflate([UInt8]().span, Z_FINISH, into: &output)
    }

    private mutating func deflate(
        _ input: Span<UInt8>, _ flush: Int32, into output: inout [UInt8]
    ) throws(CompressionError) {
        var used = 0
        while true {
            let rest = input.extracting(used..<input.count)
            let step = unsafe ZlibBlock(of: stream, rest, onto: &output) {
                unsafe CZlib.deflate($0, flush)
            }
            used += step.used
            switch step.result {
            case Z_STREAM_END: return
            case Z_OK, Z_BUF_ERROR:
                // A block that was not filled means that zlib has taken all of the input.
                if step.made < ZlibBlock.byteCount {
                    guard flush == Z_NO_FLUSH, used == input.count else { throw .corrupt }
                    return
                }
            default: throw .corrupt
            }
        }
    }
}

// The one owner may move between threads: zlib ties no state to a thread.
extension Deflater: @unchecked Sendable {}
