internal import Engine
internal import HTTPModel
internal import HTTPWire
internal import Linux
internal import Synchronization

/// Request heads that came before, byte for byte and from the same address, as one loop has them.
///
/// Clients of a registry send the same bytes again and again, so that a head need not be read anew, and
/// its reply not be made anew while it holds. Only what comes a second time is kept.
struct KnownHeads {
    /// A power of two; a head has one place, and takes it from another.
    private static let count = 2_048
    /// The longest head that is kept.
    private static let byteLimit = 1_024

    private var heads = [KnownHead?](repeating: nil, count: count)
    /// Of those that came once.
    private var hashes = [UInt64](repeating: 0, count: count)

    /// The head that is all of the first `count` bytes.
    func find(_ bytes: [UInt8], _ count: Int, from connection: Connection) -> KnownHead? {
        guard count <= Self.byteLimit else { return nil }
        let hash = ByteRuns.hash(bytes, count: count)
        guard let head = heads[Self.place(hash)], head.hash == hash,
            head.asked.head.request.peer == connection.address, head.isSame(bytes, count)
        else { return nil }
        return head
    }

    /// Notes a head that was just read of these bytes; gives it when it is kept from now on.
    mutating func note(_ asked: AskedHead, _ bytes: [UInt8], _ count: Int) -> KnownHead? {
        let request = asked.head.request
        guard count <= Self.byteLimit, asked.head.framing == .none, asked.head.version == .http11,
            request.method == .get || request.method == .head
        else { return nil }
        let hash = ByteRuns.hash(bytes, count: count)
        let place = Self.place(hash)
        guard hashes[place] == hash else {
            hashes[place] = hash
            return nil
        }
        let head = KnownHead(asked, Array(bytes[..<count]), hash: hash)
        heads[place] = head
        return head
    }

    private static func place(_ hash: UInt64) -> Int { Int(hash >> 40) & (count - 1) }
}

/// One head, and the last reply to it; belongs to its loop's thread.
final class KnownHead {
    let asked: AskedHead
    let hash: UInt64
    private let bytes: [UInt8]
    private var kept: Kept?
    private var head: (bytes: [UInt8], second: Int)?
    /// Where the id of the request stands in the head.
    private var place: Range<Int>?

    /// A reply, but for its file, which only the store may keep from being closed.
    ///
    /// A class, since it is looked at with each request and its fields are many.
    private final class Kept {
        let terms: ReplyTerms
        let status: Int
        let record: RequestRecord
        weak var file: OpenFile?
        let range: Range<Int>?

        init(_ reply: Reply, _ terms: ReplyTerms, file: OpenFile? = nil, range: Range<Int>? = nil) {
            self.terms = terms
            self.file = file
            self.range = range
            status = reply.status
            record = reply.record
        }
    }

    /// What is given again.
    struct Repeated {
        let status: Int
        let record: RequestRecord
        let head: [UInt8]
        let body: ReplyBody
    }

    init(_ asked: AskedHead, _ bytes: [UInt8], hash: UInt64) {
        self.asked = asked
        self.bytes = bytes
        self.hash = hash
    }

    func isSame(_ others: [UInt8], _ count: Int) -> Bool {
        ByteRuns.isSame(bytes, others, count: count)
    }

    /// Keeps a reply that has terms, in the place of the last one.
    func keep(_ reply: Reply) {
        kept = nil
        head = nil
        guard let terms = reply.terms, reply.lease == nil else { return }
        switch reply.body {
        case .head:
            kept = Kept(reply, terms)
        case .file(let file, let range, _):
            kept = Kept(reply, terms, file: file, range: range)
        case .none, .bytes, .fill: break
        }
    }

    /// Keeps the head that was sent with that reply, which holds for one second's Date.
    func keep(head bytes: [UInt8], second: Int, requestID: String?) {
        guard kept != nil else { return }
        head = (bytes, second)
        place = nil
        guard !asked.hasGivenID, let requestID else { return }
        let field = Array("\r\n\(ResponseHeadWriter.requestIDField): \(requestID)\r\n".utf8)
        let starts = 0...max(bytes.count - field.count, 0)
        guard let start = starts.first(where: { bytes[$0...].starts(with: field) }) else { return }
        let end = start + field.count - 2
        place = end - requestID.utf8.count..<end
    }

    /// The head that was kept, with the id of another request.
    private func head(for requestID: String?) -> [UInt8]? {
        guard var bytes = head?.bytes, !asked.hasGivenID, let requestID else { return head?.bytes }
        guard let place, place.count == requestID.utf8.count else { return nil }
        bytes.replaceSubrange(place, with: requestID.utf8)
        return bytes
    }

    /// The last reply, where its head is of this second and its terms hold.
    func reply(
        at second: Int, to requestID: String?, _ responder: any Responder
    ) -> Repeated? {
        guard let kept, head?.second == second, let head = head(for: requestID),
            let proof = responder.readmit(kept.terms)
        else { return nil }
        guard let range = kept.range else {
            return Repeated(
                status: kept.status, record: kept.record, head: head, body: .head(proof))
        }
        guard let file = kept.file else { return nil }
        let sendsBody = asked.head.request.method != .head
        return Repeated(
            status: kept.status, record: kept.record, head: head,
            body: sendsBody ? .file(file, range, proof) : .head(proof))
    }
}

extension EventLoop {
    /// Queues the last reply to a head that came again; nil where it has to be asked for.
    func repeatReply(
        of known: KnownHead, _ connection: Connection, _ exchange: Exchange
    ) -> Step? {
        guard !exchange.closes, !server.isDraining.load(ordering: .relaxed),
            let reply = known.reply(
                at: SystemClock.unixSeconds, to: exchange.requestID, server.responder)
        else { return nil }
        exchange.isAnswered = true
        exchange.status = reply.status
        exchange.record = reply.record
        connection.stage = .sending
        setDeadline(.max, for: connection)
        connection.outgoing.queue(framing: reply.head)
        if case .file(let file, let range, _) = reply.body {
            connection.outgoing.queue(file, range)
        }
        return .next
    }
}
