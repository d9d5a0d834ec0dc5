/// Finds the end of one answer after the other, and counts; keeps nothing of a body.
struct AnswerReader {
    private enum Stage {
        case head
        /// Body bytes that are still to come.
        case counted(Int)
        /// The number in a chunk's first line, as far as it is read.
        case chunkStart(Int)
        case chunk(Int)
        /// The line feeds after a chunk, or after the last one.
        case chunkEnd(Int, isLast: Bool)
    }

    private var stage = Stage.head
    /// The head, where it came in more than one piece.
    private var head: [UInt8] = []
    private(set) var status = 0
    private(set) var bodyByteCount = 0
    /// Whether the server closes the connection behind this answer.
    private(set) var closes = false
    private(set) var isWhole = false

    /// Takes bytes up to the end of the answer; they end there, since no request is pipelined.
    mutating func read(_ bytes: Span<UInt8>) throws(BenchmarkFault) {
        var position = 0
        while position < bytes.count, !isWhole {
            switch stage {
            case .head: position = try readHead(bytes)
            case .counted(let left):
                let step = min(left, bytes.count - position)
                bodyByteCount += step
                position += step
                stage = .counted(left - step)
                isWhole = left == step
            case .chunkStart(let count):
                stage = Self.chunkLine(bytes[position], count)
                position += 1
            case .chunk(let left):
                let step = min(left, bytes.count - position)
                bodyByteCount += step
                position += step
                stage = left == step ? .chunkEnd(2, isLast: false) : .chunk(left - step)
            case .chunkEnd(let left, let isLast):
                position += 1
                if left > 1 {
                    stage = .chunkEnd(left - 1, isLast: isLast)
                } else {
                    stage = .chunkStart(0)
                    isWhole = isLast
                }
            }
        }
    }

    private static func chunkLine(_ byte: UInt8, _ count: Int) -> Stage {
        switch byte {
        case 0x30...0x39: .chunkStart(count << 4 | Int(byte - 0x30))
        case 0x61...0x66: .chunkStart(count << 4 | Int(byte - 0x57))
        case 0x41...0x46: .chunkStart(count << 4 | Int(byte - 0x37))
        case 0x0A: count == 0 ? .chunkEnd(2, isLast: true) : .chunk(count)
        default: .chunkStart(count)
        }
    }

    /// The position behind the head.
    private mutating func readHead(_ bytes: Span<UInt8>) throws(BenchmarkFault) -> Int {
        if head.isEmpty, let end = Self.endOfHead(bytes, from: 0) {
            try begin(bytes.extracting(0..<end))
            return end
        }
        let earlier = head.count
        for index in 0..<min(bytes.count, 65_536) { head.append(bytes[index]) }
        guard let end = Self.endOfHead(head.span, from: max(0, earlier - 3)) else {
            guard head.count < 65_536 else { throw BenchmarkFault(description: "endless head") }
            return bytes.count
        }
        let whole = head
        try begin(whole.span.extracting(0..<end))
        head = []
        return end - earlier
    }

    private static func endOfHead(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start + 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private mutating func begin(_ head: Span<UInt8>) throws(BenchmarkFault) {
        guard head.count > 12 else { throw BenchmarkFault(description: "no status line") }
        status = (9...11).reduce(0) { $0 * 10 + Int(head[$1] &- 0x30) }
        var length: Int?
        var isChunked = false
        var index = 12
        while index < head.count {
            // The first byte of a field's name is behind a line feed.
            if head[index - 1] == 0x0A {
                switch head[index] | 0x20 {
                case 0x63 where Self.begins(head, index, "content-length:"):
                    length = Self.number(head, index + 15)
                case 0x63 where Self.begins(head, index, "connection: close"): closes = true
                case 0x74 where Self.begins(head, index, "transfer-encoding:"): isChunked = true
                default: break
                }
            }
            index += 1
        }
        if isChunked {
            stage = .chunkStart(0)
        } else if let length, status != 304, status != 204 {
            stage = .counted(length)
            isWhole = length == 0
        } else if status == 304 || status == 204 {
            isWhole = true
        } else {
            throw BenchmarkFault(description: "an answer with \(status) has no length")
        }
    }

    private static func begins(
        _ bytes: Span<UInt8>, _ index: Int, _ name: StaticString
    ) -> Bool {
        let count = name.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        for (place, byte) in name.description.utf8.enumerated()
        where bytes[index + place] | 0x20 != byte | 0x20 {
            return false
        }
        return true
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] == 0x20 { index += 1 }
        var number = 0
        while index < bytes.count, case 0x30...0x39 = bytes[index] {
            number = number * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        return number
    }
}
