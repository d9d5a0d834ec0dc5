/// Finds lines that end in CRLF, byte by byte and once only, in a message that arrives in pieces.
///
/// A fault is found at the first byte that makes it one, so that it does not matter where the
/// pieces are cut.
struct LineScanner: Sendable {
    /// The next byte to look at, from the start of the message.
    private(set) var position = 0
    private(set) var lineStart = 0

    /// The next line without its CRLF, or nil when more bytes are needed.
    ///
    /// At `limit`, counted from the start of the message, a line must have ended; one that has
    /// not is `fault`.
    mutating func nextLine(
        _ bytes: Span<UInt8>, limit: Int, orThrow fault: WireFault
    ) throws(WireFault) -> Range<Int>? {
        let end = min(bytes.count, limit)
        while position < end {
            let byte = bytes[position]
            if ByteClasses.isText(byte) {
                position += 1
                continue
            }
            guard byte == 0x0D else { throw byte == 0x0A ? .bareLineEnd : .controlByte }
            guard position + 1 < bytes.count else { return nil }
            guard bytes[position + 1] == 0x0A else { throw .bareLineEnd }
            let line = lineStart..<position
            position += 2
            lineStart = position
            return line
        }
        if position >= limit { throw fault }
        return nil
    }
}
