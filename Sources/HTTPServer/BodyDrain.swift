internal import HTTPWire

/// A request body that is read away, so that the next request begins where it should (rule F2).
struct BodyDrain {
    private var framing: Framing
    private var left: Int

    private enum Framing {
        case length
        case chunked(ChunkedReader)
    }

    enum Progress {
        case done, more
        /// Longer than we read.
        case tooLong
    }

    /// Nil when there is no body, or one that is known to be longer than `limit`.
    ///
    /// The limit counts the bytes on the wire, chunk framing included.
    init?(_ framing: BodyFraming, limit: Int) {
        switch framing {
        case .none: return nil
        case .length(let count):
            self.framing = .length
            left = count
            guard count <= limit else { return nil }
        case .chunked:
            self.framing = .chunked(ChunkedReader())
            left = limit
        }
    }

    /// Takes body bytes; tells how many of them belonged to the body.
    mutating func take(_ bytes: Span<UInt8>) throws(WireFault) -> (used: Int, Progress) {
        let step = min(bytes.count, left)
        switch framing {
        case .length:
            left -= step
            return (step, left == 0 ? .done : .more)
        case .chunked(var reader):
            let used = try reader.read(bytes.extracting(0..<step))
            framing = .chunked(reader)
            left -= used
            if reader.isDone { return (used, .done) }
            return (used, left == 0 ? .tooLong : .more)
        }
    }
}
