internal import Engine
internal import HTTPModel
internal import HTTPWire

/// One request and what became of it so far.
final class Exchange {
    let request: RequestHead
    let version: ParsedHead.Version
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
    /// What is waited for.
    var pending: Pending?
    var status = 0
    var record = RequestRecord()
    /// What the answer's bytes count against until they are sent.
    var lease: ByteLease?

    init(_ head: ParsedHead, from peer: IPAddress?, start: UInt64) {
        var request = head.request
        request.peer = peer
        self.request = request
        version = head.version
        closes = !head.isPersistent
        self.start = start
    }
}
