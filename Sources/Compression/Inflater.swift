internal import CZlib

/// Expands one stream that arrives in pieces: gzip (`gzip` and `x-gzip`, RFC 9110 section 8.4.1.3), or
/// bare deflate.
///
/// Exactly one stream is read, and no byte may follow it. After a throw it is of no further use.
@safe package struct Inflater: ~Copyable {
    // On the heap, because zlib keeps the address of its stream.
    private let stream: UnsafeMutablePointer<z_stream>
    private let limits: ExpansionLimits
    private var inputByteCount = 0
    private var outputByteCount = 0
    private var hasEnded = false

    /// What stands around the compressed data.
    package enum Form: Sendable {
        case gzip
        /// Nothing: neither header nor checksum (RFC 1951).
        case deflate

        // 15 bits of window; 16 more to read gzip headers and nothing else, a minus to read none.
        fileprivate var windowBits: Int32 {
            switch self {
            case .gzip: 15 + 16
            case .deflate: -15
            }
        }
    }

    package init(limits: ExpansionLimits, form: Form = .gzip) throws(CompressionError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let result = unsafe inflateInit2_(
            stream, form.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            unsafe stream.deinitialize(count: 1)
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        unsafe self.stream = unsafe stream
        self.limits = limits
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Takes the next piece of the stream.
    ///
    /// - Returns: What could be expanded so far, perhaps nothing. Its length is bounded by the
    ///   limits, not by the piece.
    /// - Throws: ``CompressionError/truncated`` never; that is for ``finish()`` to say.
    package mutating func push(_ piece: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        var start = 0
        while start < piece.count {
            if hasEnded { throw .trailingBytes }
            // zlib counts in 32 bits.
            let end = min(piece.count, start + (1 << 30))
            start += try expand(piece.extracting(start..<end), onto: &output)
        }
        return output
    }

    /// Takes the next piece of the stream.
    package mutating func push(_ piece: [UInt8]) throws(CompressionError) -> [UInt8] {
        try push(piece.span)
    }

    /// Says that no further piece comes.
    ///
    /// - Throws: ``CompressionError/truncated`` when the trailer has not been seen.
    package consuming func finish() throws(CompressionError) {
        if !hasEnded { throw .truncated }
    }

    /// Expands `input` to its end or to the end of the member.
    ///
    /// - Returns: How many bytes of `input` were used up.
    /// - Throws: On damage, and at the limits.
    private mutating func expand(
        _ input: Span<UInt8>, onto output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        var used = 0
        while true {
            // One block of output between two looks at the limits.
            let rest = input.extracting(used..<input.count)
            let step = unsafe ZlibBlock(of: stream, rest, onto: &output) {
                unsafe inflate($0, Z_NO_FLUSH)
            }
            used += step.used
            inputByteCount += step.used
            outputByteCount += step.made
            try checkLimits()
            switch step.result {
            case Z_STREAM_END:
                hasEnded = true
                return used
            case Z_OK, Z_BUF_ERROR:
                // A block that was not filled means that zlib waits for more input.
                if step.made < ZlibBlock.byteCount {
                    return used
                }
            case Z_MEM_ERROR:
                throw .outOfMemory
            default:
                throw .corrupt
            }
        }
    }

    private func checkLimits() throws(CompressionError) {
        if outputByteCount > limits.outputByteCount { throw .tooLarge }
        if outputByteCount > limits.judgedFromByteCount,
            outputByteCount / limits.ratio > inputByteCount
        {
            throw .tooDense
        }
    }
}

// The one owner may move between threads: zlib ties no state to a thread.
extension Inflater: @unchecked Sendable {}
