internal import CZlib

/// One step of a stream, which both directions take alike: input in, one block of output at most.
struct ZlibBlock {
    /// zlib's own account of the step.
    let result: Int32
    /// How many bytes of the input it took.
    let used: Int
    /// How many bytes of output it made.
    let made: Int

    static var byteCount: Int { 65_536 }

    /// Lends input and a block of output to `stream`, and appends what `work` made.
    ///
    /// The stream keeps no address beyond the step.
    init(
        of stream: UnsafeMutablePointer<z_stream>, _ input: Span<UInt8>,
        onto output: inout [UInt8], _ work: (UnsafeMutablePointer<z_stream>) -> Int32
    ) {
        (result, used, made) = unsafe input.withUnsafeBufferPointer { source in
            // zlib reads next_in and never writes through it.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            var result = Z_OK
            let block = unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) {
                unsafe stream.pointee.next_out = $0.baseAddress
                unsafe stream.pointee.avail_out = UInt32($0.count)
                result = unsafe work(stream)
                // avail_out is never more than it was.
                $1 = unsafe $0.count - Int(stream.pointee.avail_out)
                unsafe stream.pointee.next_out = nil
            }
            output.append(contentsOf: block)
            let used = unsafe source.count - Int(stream.pointee.avail_in)
            unsafe stream.pointee.next_in = nil
            return (result, used, block.count)
        }
    }
}
