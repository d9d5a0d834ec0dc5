internal import Engine
internal import HTTPWire

/// A request body that its responder wants, collected whole within its limits.
struct BodyCollection {
    private var framing: Framing
    private let limit: Int
    private let lease: ByteLease
    private var content: [UInt8] = []
    /// Bytes taken off the wire, framing included.
    private(set) var takenByteCount = 0

    private enum Framing {
        case length(left: Int)
        /// With the bytes on the wire that may still come: tiny chunks are mostly framing.
        case chunked(ChunkedReader, left: Int)
    }

    enum Progress {
        case done(RequestBody)
        case more
        /// Longer than the limit.
        case tooLong
        /// All bodies together would be longer than theirs.
        case noRoom
    }

    /// Nil when there is no body, or one that is known to be longer than `limit`.
    init?(_ framing: BodyFraming, limit: Int, _ lease: ByteLease) {
        self.limit = limit
        self.lease = lease
        switch framing {
        case .none: return nil
        case .length(let count):
            guard count <= limit else { return nil }
            self.framing = .length(left: count)
        case .chunked: self.framing = .chunked(ChunkedReader(), left: 2 * limit + 65_536)
        }
    }

    /// Takes body bytes; tells how many of them belonged to the body.
    mutating func take(_ bytes: Span<UInt8>) throws(WireFault) -> (used: Int, Progress) {
        let before = content.count
        let used: Int
        var progress = Progress.more
        var isWhole = false
        switch framing {
        case .length(let left):
            used = min(bytes.count, left)
            for index in 0..<used { content.append(bytes[index]) }
            framing = .length(left: left - used)
            isWhole = used == left
        case .chunked(var reader, let left):
            used = try reader.read(bytes.extracting(0..<min(bytes.count, left)), into: &content)
            framing = .chunked(reader, left: left - used)
            isWhole = reader.isDone
            if !isWhole, used == left { progress = .tooLong }
        }
        takenByteCount += used
        if content.count > limit { return (used, .tooLong) }
        guard lease.grow(by: content.count - before) else { return (used, .noRoom) }
        if isWhole { progress = .done(RequestBody(content, lease: lease)) }
        return (used, progress)
    }
}
