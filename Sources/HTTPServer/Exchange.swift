internal import Engine
internal import HTTPModel
internal import HTTPWire

/// One request and what became of it so far.
final class Exchange {
    /// Its head may have the id of an earlier request of the same bytes.
    let asked: AskedHead
    /// Nil for a head that is not kept.
    let known: KnownHead?
    let requestID: String?
    /// When the head was complete, in nanoseconds of uptime.
    let start: UInt64
    /// Whether the connection is closed after the answer.
    var closes: Bool
    /// Whether a body that nobody reads may still come behind the head.
    var leavesBody = false
    /// Whether the responder was asked, and so must be told the end.
    var isAnswered = false
    /// Whether it was asked a second time because a fill failed before its first byte.
    var isAskedAgain = false
    /// Whether it counts as one that waits; until its end, since its answer may still be arriving.
    var isCounted = false
    /// What is waited for.
    var pending: Pending?
    var status = 0
    var record = RequestRecord()
    /// What the answer's bytes count against until they are sent.
    var lease: ByteLease?

    init(_ asked: AskedHead, known: KnownHead? = nil, requestID: String?, start: UInt64) {
        self.asked = asked
        self.known = known
        self.requestID = requestID
        closes = !asked.head.isPersistent
        self.start = start
    }

    var method: Method { asked.head.request.method }
    /// The head with this request's own id; a copy of many fields.
    var request: RequestHead {
        var request = asked.head.request
        request.requestID = requestID
        return request
    }
    var version: ParsedHead.Version { asked.head.version }
}

/// A head that was read, with what is known of who sent it.
final class AskedHead {
    let head: ParsedHead
    /// Whether its id came with it, and so is that of every request with these bytes.
    let hasGivenID: Bool

    init(_ head: ParsedHead, hasGivenID: Bool) {
        self.head = head
        self.hasGivenID = hasGivenID
    }
}
