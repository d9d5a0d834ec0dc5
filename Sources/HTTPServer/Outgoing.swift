internal import Engine
internal import HTTPWire
internal import Linux

/// What is left to send of one answer.
struct Outgoing {
    /// Head and chunk framing, sent before the piece.
    private var framing: [UInt8] = []
    private var framingSent = 0
    private var piece = Piece.none
    /// The fill that brings more pieces.
    var follow: Follow?
    /// Whether anything was queued: from then on the status is fixed.
    private(set) var hasBegun = false
    private(set) var bodyByteCount = 0

    private enum Piece {
        case none
        case bytes([UInt8], Range<Int>)
        case file(OpenFile, Range<Int>)
    }

    enum Flush {
        /// All that was queued is sent.
        case flushed
        case blocked
        /// The turn is over, and there is more.
        case spent
        case broken
    }

    // MARK: Queueing

    mutating func queue(framing bytes: [UInt8]) {
        hasBegun = true
        if framing.isEmpty { framing = bytes } else { framing += bytes }
    }

    /// Queues body bytes, after the one before was sent whole.
    mutating func queue(_ bytes: [UInt8]) {
        if !bytes.isEmpty { piece = .bytes(bytes, 0..<bytes.count) }
    }

    mutating func queue(_ file: OpenFile, _ range: Range<Int>) {
        if !range.isEmpty { piece = .file(file, range) }
    }

    // MARK: Sending

    /// Sends until the socket is full, the turn is over or nothing is left.
    ///
    /// `budget` is the bytes that are left of this turn.
    mutating func flush(to connection: Connection, budget: inout Int) -> Flush {
        while true {
            if case .none = piece, framingSent == framing.count {
                // Let go and not emptied: others may have the same bytes.
                framing = []
                framingSent = 0
                return .flushed
            }
            guard budget > 0 else { return .spent }
            switch send(to: connection, atMost: budget) {
            case .moved(let count):
                connection.handedByteCount += count
                budget -= count
                advance(by: count)
            case .wouldBlock: return .blocked
            // The file is shorter than was promised, or the peer has gone.
            case .end, .failed: return .broken
            }
        }
    }

    private func send(to connection: Connection, atMost limit: Int) -> Socket.Transfer {
        let head = framing.span.extracting(framingSent..<framing.count)
        switch piece {
        case .none: return connection.send(head)
        case .bytes(let bytes, let range):
            return connection.send(head, bytes.span.extracting(range))
        case .file(let file, let range):
            let count = min(range.count, limit)
            let part = range.lowerBound..<(range.lowerBound + count)
            if file.byteCount <= connection.largestLentByteCount,
                range.upperBound <= file.byteCount,
                // An answer begins with its head.
                let result = file.withBytes(
                    part, isNewUse: !head.isEmpty, { connection.send(head, $0) })
            {
                return result
            }
            return connection.send(head, file, at: range.lowerBound, count: count)
        }
    }

    private mutating func advance(by count: Int) {
        let ofFraming = min(count, framing.count - framingSent)
        framingSent += ofFraming
        let ofPiece = count - ofFraming
        guard ofPiece > 0 else { return }
        bodyByteCount += ofPiece
        switch piece {
        case .none: break
        case .bytes(let bytes, let range):
            let rest = (range.lowerBound + ofPiece)..<range.upperBound
            piece = rest.isEmpty ? .none : .bytes(bytes, rest)
        case .file(let file, let range):
            let rest = (range.lowerBound + ofPiece)..<range.upperBound
            piece = rest.isEmpty ? .none : .file(file, rest)
        }
    }
}

/// A body that is still arriving, followed by one connection.
struct Follow {
    let fill: Fill
    let reader: FillReader
    let from: Int
    /// The next byte to ask for.
    var offset: Int
    /// Nil while it is not known.
    var end: Int?
    let mode: Mode
    /// The answer whose head goes out with the first bytes.
    let reply: Reply
    /// Whether a wake-up is registered.
    var isParked = false
    /// Whether the last chunk still needs its CRLF.
    var owesChunkEnd = false

    enum Mode {
        /// The length is known.
        case counted
        case chunked
        /// For a client of HTTP/1.0: the length must be known first.
        case measured
    }
}
