package import Admission
package import CacheRules
package import HTTPModel
package import Linux

/// What answers requests: the engine, or something in front of it.
///
/// All methods are called on a server thread, return at once and never block.
package protocol Responder: Sendable {
    /// How many bytes of body a POST may bring; nil when it is answered without its body.
    ///
    /// Asked once for each POST, before anything of its body is read.
    func bodyLimit(for request: RequestHead) -> Int?

    func answer(_ request: RequestHead) -> Answer

    /// Answers a POST for which ``bodyLimit(for:)`` named a limit, and whose body is within it.
    func answer(_ request: RequestHead, body: RequestBody) -> Answer

    /// Answers a request again that was pending: there is news, or its deadline has passed.
    func resume(_ pending: Pending, for request: RequestHead, after reason: ResumeReason) -> Answer

    /// Puts an error that the server found into the words and the form of what was asked for.
    func word(_ refusal: Refusal, for request: RequestHead) -> Reply

    /// Called once for each request when its answer has been sent, or could not be.
    func finished(_ request: RequestHead, _ outcome: RequestOutcome)
}

package enum ResumeReason: Sendable, Hashable {
    case news, deadline
}

/// An answer, as far as it is known without waiting.
package enum Answer: Sendable {
    case reply(Reply)
    /// The database, the upstream or a rendering must be waited for: the connection sleeps and is
    /// woken.
    case pending(Pending)
}

/// Something to wait for; register with ``Fill/wake(_:)``, then call ``Responder/resume``.
package struct Pending: Sendable {
    package let fill: Fill
    /// When to stop waiting and ask anyway, in nanoseconds of uptime; nil to wait as long as the
    /// fill takes, which its own deadlines bound.
    package let deadline: UInt64?
    /// How often this request has been pending; the engine's guard against going in circles.
    package let rounds: Int
    /// What the request has cost and learnt so far; the engine's own business.
    let memory: InquiryMemory

    package init(fill: Fill, deadline: UInt64? = nil, rounds: Int = 1) {
        self.fill = fill
        self.deadline = deadline
        self.rounds = rounds
        memory = InquiryMemory()
    }

    init(fill: Fill, deadline: UInt64? = nil, rounds: Int, memory: InquiryMemory) {
        self.fill = fill
        self.deadline = deadline
        self.rounds = rounds
        self.memory = memory
    }
}

/// A final answer.
///
/// The server adds Date, Connection, and the framing of the body.
package struct Reply: Sendable {
    package var status: Int
    /// Complete header lines, each ending in CRLF.
    ///
    /// Without Date, Connection, Content-Length and Transfer-Encoding. Printable ASCII; built by ``ReplyFields``.
    package var fields: [UInt8]
    package var body: ReplyBody
    package var record: RequestRecord
    /// What the body's bytes count against until they are sent.
    package var lease: ByteLease?

    package init(status: Int, fields: [UInt8], body: ReplyBody, record: RequestRecord) {
        self.status = status
        self.fields = fields
        self.body = body
        self.record = record
    }
}

/// Where the bytes of a body come from.
///
/// For HEAD the server sends its length and no bytes.
package enum ReplyBody: Sendable {
    /// No body and no Content-Length: 204, 304.
    case none
    /// Bodies that are not stored: errors, status pages, answers to forwarded requests.
    case bytes([UInt8])
    /// A part of a stored blob, from its mapping or by sendfile.
    case file(OpenFile, Range<Int>, Admitted)
    /// A part of a body that is still arriving. The range's end is nil when the length is unknown:
    /// then it is sent chunked, and a client of HTTP/1.0 gets it only once it is whole.
    case fill(Fill, from: Int, to: Int?, Admitted)
}

/// What log line and metrics need to know of a request, decided with its answer.
package struct RequestRecord: Sendable, Hashable {
    /// The ecosystem's label, or `none`.
    package var ecosystem: String
    /// `document`, `artifact` or `none`.
    package var kind: String
    /// The resource's name, for the log only.
    package var resource: String
    /// The upstream's label, or empty.
    package var upstream: String
    package var cacheStatus: CacheStatus?
    /// Whether the upstream was known to be failing when this was served.
    package var isDuringOutage = false

    package init(
        ecosystem: String = "none", kind: String = "none", resource: String = "",
        upstream: String = "", cacheStatus: CacheStatus? = nil
    ) {
        self.ecosystem = ecosystem
        self.kind = kind
        self.resource = resource
        self.upstream = upstream
        self.cacheStatus = cacheStatus
    }
}

/// How the sending went.
package struct RequestOutcome: Sendable {
    package let record: RequestRecord
    package let status: Int
    /// Bytes of body that were handed to the socket.
    package let bodyBytes: Int
    package let nanoseconds: UInt64
    /// Whether the answer was sent whole; false when either side broke off.
    package let isComplete: Bool

    package init(
        record: RequestRecord, status: Int, bodyBytes: Int, nanoseconds: UInt64, isComplete: Bool
    ) {
        self.record = record
        self.status = status
        self.bodyBytes = bodyBytes
        self.nanoseconds = nanoseconds
        self.isComplete = isComplete
    }
}
