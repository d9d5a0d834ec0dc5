package import Admission
package import CacheRules
package import Digests
package import HTTPModel
package import Linux
package import Policy
internal import Synchronization

/// What answers requests: the engine, or something in front of it.
///
/// All methods are called on a server thread, return at once and never block.
package protocol Responder: Sendable {
    /// How many bytes of body a POST may bring; nil when it is answered without its body.
    ///
    /// Asked once for each POST, before anything of its body is read.
    func bodyLimit(for request: RequestHead) -> Int?

    /// Answers a request as far as that is known.
    ///
    /// Without `mayBegin` nothing is begun for which the request would have to wait: the server has
    /// no place for one more that waits, and what was begun would be nobody's.
    func answer(_ request: RequestHead, mayBegin: Bool) -> Answer

    /// Answers a POST for which ``bodyLimit(for:)`` named a limit, and whose body is within it.
    func answer(_ request: RequestHead, body: RequestBody) -> Answer

    /// Answers a request again that was pending: there is news, or its deadline has passed.
    func resume(_ pending: Pending, for request: RequestHead, after reason: ResumeReason) -> Answer

    /// Decides whether a reply may be given again to the very same request on these terms; asks
    /// admission, whose proof that is, and notes the use.
    ///
    /// Called instead of ``answer(_:mayBegin:)``; where it says no, that is called.
    func readmit(_ terms: ReplyTerms) -> Admitted?

    /// Puts an error that the server found into the words and the form of what was asked for.
    func word(_ refusal: Refusal, for request: RequestHead) -> Reply

    /// Called once for each request when its answer has been sent, or could not be.
    func finished(_ request: RequestHead, _ outcome: RequestOutcome)
}

extension Responder {
    /// For those whose replies have no terms.
    package func readmit(_ terms: ReplyTerms) -> Admitted? { nil }
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

extension Answer {
    /// Notes whose answer it is, once it is there.
    mutating func record(client: String?) {
        guard case .reply(var reply) = self else { return }
        reply.record.client = client
        self = .reply(reply)
    }
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
    /// What stands behind the status in its line, where the usual phrase does not say enough.
    ///
    /// Printable ASCII. Only HTTP/1 has it (RFC 9112 section 4), and only pip shows it.
    package var phrase: [UInt8]?
    /// What the body's bytes count against until they are sent.
    package var lease: ByteLease?
    /// Nil for a reply that has to be asked for each time.
    package var terms: ReplyTerms?

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
    /// No body and no Content-Length: 204.
    case none
    /// No byte of a stored body, and yet an answer about it: 304 and 416.
    case head(Admitted)
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
    /// The name of the client's token; nil for somebody without one.
    package var client: String?
    /// Whether the upstream was known to be failing when this was served.
    package var isDuringOutage = false
    /// How many requests to upstreams this one waited for; those that it shared count as well.
    package var upstreamTryCount = 0
    /// What the observer keeps of a reply that is given again.
    package var notes: RecordNotes?
    /// What the policy refused it for, or would have where it only watches.
    package var policy: PolicyRefusal?
    /// The digest of the stored body that was sent; nil for none and for one that still arrives.
    package var body: BlobDigest?

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
    /// What log lines and the answer call the request; that of its head may be an earlier one's.
    package let requestID: String?

    package init(
        record: RequestRecord, status: Int, bodyBytes: Int, nanoseconds: UInt64, isComplete: Bool,
        requestID: String? = nil
    ) {
        self.requestID = requestID
        self.record = record
        self.status = status
        self.bodyBytes = bodyBytes
        self.nanoseconds = nanoseconds
        self.isComplete = isComplete
    }
}

/// A place for what an observer makes once for a reply that is given again and again.
package final class RecordNotes: Sendable, Hashable {
    private let value = Mutex<(any AnyObject & Sendable)?>(nil)

    package init() {}

    /// What was kept, or what `make` gives, which is kept then.
    package func value<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        value.withLock { value in
            if let kept = value as? Value { return kept }
            let made = make()
            value = made
            return made
        }
    }

    /// They say nothing of the request, so two records are alike whatever notes they have.
    package static func == (left: RecordNotes, right: RecordNotes) -> Bool { true }

    package func hash(into hasher: inout Swift.Hasher) {}
}
