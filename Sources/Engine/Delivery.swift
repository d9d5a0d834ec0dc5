internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// How an answer is to be delivered.
struct Delivery: Sendable {
    /// The upstream's fields that were stored with the document.
    let headers: Headers
    let subject: Subject
    let status: CacheStatus
    /// For how many seconds the client may use it; 0 when stale, nil when nobody may store it.
    private(set) var remainingSeconds: Int64?
    private let validatedAt: Int64
    let now: Int64
    let staleUse: UpstreamFreshness.StaleUse
    /// The document, where it is a fresh hit and nothing else was asked for it.
    var repeated: IndexedResponse?

    init(
        _ document: StoredResponse, _ subject: Subject, _ status: CacheStatus,
        _ remainingSeconds: Int64, at now: Int64,
        staleUse: UpstreamFreshness.StaleUse = .onFailure
    ) {
        validatedAt = document.validatedAt
        self.now = now
        self.staleUse = staleUse
        headers = document.headers
        self.subject = subject
        self.status = status
        self.remainingSeconds = remainingSeconds
    }

    /// How long ago the upstream made it, or said that it is right, in seconds (RFC 9111 section
    /// 4.2.3).
    var ageSeconds: Int64 {
        max(0, now - validatedAt) + UpstreamFreshness.age(headers, receivedAt: validatedAt)
    }

    /// The coding in which a client gets it.
    func coding(for request: RequestHead) -> ContentCoding {
        guard subject.mount.adapter.documentTags != .upstream else { return .identity }
        return .preferred(request.acceptEncoding)
    }

    var cacheControl: String {
        remainingSeconds.map { "\(subject.mount.storability), max-age=\($0)" } ?? "no-store"
    }

    /// The same for a rendering that is right for a shorter time.
    func limited(by rendering: StoredResponse) -> Delivery {
        guard let end = rendering.screenedUntil, let remaining = remainingSeconds else {
            return self
        }
        var delivery = self
        delivery.remainingSeconds = min(remaining, max(end - now, 0))
        return delivery
    }

    /// The same, for an answer that nobody may store.
    var unstorable: Delivery {
        var delivery = self
        delivery.remainingSeconds = nil
        return delivery
    }
}
