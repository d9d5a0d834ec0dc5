internal import HTTPModel
internal import Synchronization

/// What became of a forwarded request, for the one client that waits for it.
final class Forwarding: Sendable {
    enum Outcome: Sendable {
        case answered(Answer)
        /// The client's body is at fault; nothing was sent.
        case refused(status: Int, sentence: String)
    }

    /// The upstream's answer, whole.
    struct Answer: Sendable {
        let status: Int
        let contentType: String
        let retryAfterSeconds: Int?
        let bytes: [UInt8]
        /// Held until the client has the bytes.
        let lease: ByteLease
    }

    private let state = Mutex<Outcome?>(nil)

    /// Nil until the fill has settled.
    var outcome: Outcome? { state.withLock { $0 } }

    func end(_ outcome: Outcome) {
        state.withLock { $0 = outcome }
    }
}
