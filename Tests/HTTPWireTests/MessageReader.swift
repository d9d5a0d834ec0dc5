import HTTPWire

/// What a reader of whole messages makes of bytes.
enum Verdict: Hashable {
    case fault(WireFault)
    case incomplete
    /// The head, and where the message ended.
    case message(ParsedHead, end: Int)

    var status: Int {
        switch self {
        case .fault(let fault): fault.status
        case .incomplete: 0
        case .message: 200
        }
    }
}

/// Reads one message from pieces as a server would, head and body.
struct MessageReader {
    private var head = HeadReader()
    private var chunks = ChunkedReader()
    private var parsed: ParsedHead?
    private var bodyStart = 0

    /// Reads `bytes` with what is known after each of `cuts` (ascending) and at the end.
    static func verdict(_ bytes: [UInt8], cuts: [Int] = []) -> Verdict {
        var reader = MessageReader()
        for cut in cuts + [bytes.count] {
            let verdict = reader.read(bytes.span.extracting(0..<cut))
            if verdict != .incomplete { return verdict }
        }
        return .incomplete
    }

    private mutating func read(_ bytes: Span<UInt8>) -> Verdict {
        do throws(WireFault) {
            if parsed == nil {
                parsed = try head.read(bytes)
                bodyStart = parsed?.byteCount ?? 0
            }
            guard let parsed else { return .incomplete }
            switch parsed.framing {
            case .none: return .message(parsed, end: bodyStart)
            case .length(let count):
                guard bytes.count >= parsed.byteCount + count else { return .incomplete }
                return .message(parsed, end: parsed.byteCount + count)
            case .chunked:
                bodyStart += try chunks.read(bytes.extracting(bodyStart..<bytes.count))
                return chunks.isDone ? .message(parsed, end: bodyStart) : .incomplete
            }
        } catch {
            return .fault(error)
        }
    }
}
