/// A strict reader of a chunked body (RFC 9112 section 7.1).
///
/// Most bodies are read only so that the next request begins where it should; of a wanted one the
/// content is kept.
package struct ChunkedReader: Sendable {
    /// Bytes of one chunk's line after its size, and of all trailer lines.
    package static let extensionLimit = 256
    package static let trailerLimit = 4_096

    private var stage = Stage.size(digits: 0, value: 0)
    private var extensionCount = 0
    private var trailerCount = 0
    /// Whether the trailer line that is being read has had its colon.
    private var trailerName = TrailerName.start

    private enum Stage: Sendable {
        case size(digits: Int, value: Int)
        case chunkExtension(value: Int)
        /// The line feed after a size line.
        case sizeEnd(value: Int)
        case content(left: Int)
        case contentReturn, contentFeed
        case trailer
        case trailerFeed
        case done
    }

    private enum TrailerName: Sendable {
        case start, name, value
    }

    package init() {}

    /// Whether the body has been read to its end, trailers included.
    package var isDone: Bool {
        if case .done = stage { return true }
        return false
    }

    /// Reads on.
    ///
    /// - Returns: How many of `bytes` belong to the body: all of them, unless it ends here.
    package mutating func read(_ bytes: Span<UInt8>) throws(WireFault) -> Int {
        try read(bytes) { _ in }
    }

    /// Reads on, and adds the content of chunks to `content`, which grows by `bytes` at most.
    ///
    /// - Returns: How many of `bytes` belong to the body: all of them, unless it ends here.
    package mutating func read(
        _ bytes: Span<UInt8>, into content: inout [UInt8]
    ) throws(WireFault) -> Int {
        try read(bytes) { piece in
            for index in piece { content.append(bytes[index]) }
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, keep: (Range<Int>) -> Void
    ) throws(WireFault) -> Int {
        var index = 0
        while index < bytes.count {
            switch stage {
            case .done: return index
            case .content(let left):
                let step = min(left, bytes.count - index)
                keep(index..<index + step)
                index += step
                stage = step == left ? .contentReturn : .content(left: left - step)
            case .size, .chunkExtension, .sizeEnd, .contentReturn, .contentFeed, .trailer,
                .trailerFeed:
                try take(bytes[index])
                index += 1
            }
        }
        return index
    }

    private mutating func take(_ byte: UInt8) throws(WireFault) {
        switch stage {
        case .size(let digits, let value): try takeSize(byte, digits, value)
        case .chunkExtension(let value):
            if byte == 0x0D {
                stage = .sizeEnd(value: value)
                return
            }
            guard ByteClasses.isText(byte) else { throw .chunkSizeMalformed }
            extensionCount += 1
            guard extensionCount <= Self.extensionLimit else { throw .chunkExtensionTooLong }
        case .sizeEnd(let value):
            guard byte == 0x0A else { throw .chunkSizeMalformed }
            stage = value == 0 ? .trailer : .content(left: value)
        case .contentReturn:
            guard byte == 0x0D else { throw .chunkEndMalformed }
            stage = .contentFeed
        case .contentFeed:
            guard byte == 0x0A else { throw .chunkEndMalformed }
            stage = .size(digits: 0, value: 0)
        case .trailer: try takeTrailer(byte)
        case .trailerFeed:
            guard byte == 0x0A else { throw .bareLineEnd }
            stage = trailerName == .start ? .done : .trailer
            trailerName = .start
        case .content, .done: break
        }
    }

    private mutating func takeSize(
        _ byte: UInt8, _ digits: Int, _ value: Int
    ) throws(WireFault) {
        if let digit = Self.hexValue(byte) {
            // Fifteen digits cannot overflow, and no body of ours has more.
            guard digits < 15 else { throw .chunkSizeMalformed }
            stage = .size(digits: digits + 1, value: value << 4 | digit)
            return
        }
        guard digits > 0 else { throw .chunkSizeMalformed }
        extensionCount = 0
        switch byte {
        case 0x0D: stage = .sizeEnd(value: value)
        case 0x3B: stage = .chunkExtension(value: value)
        default: throw .chunkSizeMalformed
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(WireFault) {
        trailerCount += 1
        guard trailerCount <= Self.trailerLimit else { throw .trailersTooLong }
        if byte == 0x0D {
            guard trailerName != .name else { throw .fieldMalformed }
            stage = .trailerFeed
            return
        }
        guard ByteClasses.isText(byte) else { throw byte == 0x0A ? .bareLineEnd : .controlByte }
        switch trailerName {
        case .start:
            guard !ByteClasses.isSpace(byte) else { throw .obsoleteFold }
            guard ByteClasses.isToken(byte) else { throw .fieldMalformed }
            trailerName = .name
        case .name:
            if byte == 0x3A {
                trailerName = .value
            } else if !ByteClasses.isToken(byte) {
                throw .fieldMalformed
            }
        case .value: break
        }
    }

    private static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
