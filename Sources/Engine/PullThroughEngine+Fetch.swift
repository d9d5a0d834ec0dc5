internal import Backends
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Resources

extension PullThroughEngine {
    /// Asks an upstream, with bounded retries before the first byte.
    ///
    /// Returns a living upstream's answer with its meaning; what is none is thrown. Without
    /// `countsAnswers` only a failing connection counts for the breaker, and no bad answer. Whether
    /// a document's 200 shows a living upstream is for its reader to say: a login page must not close
    /// the breaker.
    func fetch(
        _ request: UpstreamRequest, _ subject: Subject, retry: RetryRule,
        countsAnswers: Bool = true
    ) async throws(FillFailure) -> (response: UpstreamResponse, meaning: UpstreamMeaning) {
        let begun = time.uptimeNanoseconds
        let health = healthLabel(subject.mount, request.url)
        guard !self.health.isCut(subject.mount.label) else {
            // As if somebody had waited in vain already: that is what a drill is about. Whatever
            // host this is about, what is cut off is the upstream.
            note(.budgetSpent, for: subject.mount.label)
            throw .upstreamUnreachable
        }
        var failures = 0
        while true {
            let failure: FillFailure
            var retryAfter: Int?
            var counts = countsAnswers
            do throws(UpstreamError) {
                let response = try await ask(request, subject.mount.label)
                let kind = subject.resource?.kind ?? .document
                let meaning = subject.mount.adapter.meaning(ofStatus: response.status, for: kind)
                switch meaning {
                case .present where kind == .document:
                    return (response, meaning)
                case .notModified where !request.isConditional:
                    failure = .upstreamAnswered(status: response.status)
                case .present, .notModified, .absent, .refused:
                    note(.success, for: health)
                    return (response, meaning)
                case .busy:
                    retryAfter = RetryRule.seconds(retryAfter: response.headers["retry-after"])
                    failure = .upstreamBusy(retryAfterSeconds: retryAfter)
                case .failed:
                    failure = .upstreamAnswered(status: response.status)
                }
                response.body.cancel()
            } catch {
                failure = FillFailure(error)
                guard error.showsOutage else { throw failure }
                counts = true
            }
            if counts { note(Breaker.Outcome(retryAfterSeconds: retryAfter), for: health) }
            failures += 1
            let jitter = Int(time.uptimeNanoseconds % 1_000)
            guard failure.isWorthRetrying, !Task.isCancelled,
                let pause = retry.pause(
                    afterFailures: failures, retryAfterSeconds: retryAfter, jitter: jitter),
                time.uptimeNanoseconds &- begun < rules.retryBudget
            else { throw failure }
            await time.sleep(for: .milliseconds(pause))
        }
    }

    /// Asks once, and tells the observer; in a drill no connection is made.
    func ask(
        _ request: UpstreamRequest, _ label: String
    ) async throws(UpstreamError) -> UpstreamResponse {
        guard !health.isCut(label) else { throw .unreachable(code: 0) }
        Fill.asking?.noteTries()
        let begun = time.uptimeNanoseconds
        do throws(UpstreamError) {
            let response = try await upstream.fetch(request)
            observer.upstreamAnswered(
                label, status: response.status, nanoseconds: time.uptimeNanoseconds &- begun)
            return response
        } catch {
            observer.upstreamAnswered(
                label, status: nil, nanoseconds: time.uptimeNanoseconds &- begun)
            throw error
        }
    }

    /// Makes sure that the facts of a document are as the upstream says now.
    ///
    /// For a file that no known document names: reads its document, or validates the one that is
    /// held unless that was done a moment ago. Facts by other rules are always out of date, but for
    /// those of a withdrawn document, which nobody has any more.
    func refresh(
        _ document: Subject, for purpose: FetchPurpose = .news, turnBy end: UInt64? = nil
    ) async throws(FillFailure) {
        var held: StoredResponse?
        // Where our own stores fail, the upstream is asked as if nothing were stored.
        switch (try? await knowledge(of: document.key)) ?? .unknown {
        case .negative(let failure, let until) where time.now < until: throw failure
        case .stored(let indexed):
            held = indexed.response
            let age = time.now - indexed.response.validatedAt
            let isKnown =
                indexed.response.withdrawnAt != nil
                || indexed.response.hasFacts(by: document.mount.adapter)
            if isKnown, (0..<rules.refreshIntervalSeconds).contains(age) {
                if let failure = indexed.response.heldBackFailure { throw failure }
                return
            }
        case .unknown, .nothing, .negative: break
        }
        guard let (fill, _) = startFetch(document, held: held, for: purpose, turnBy: end) else {
            throw .busy
        }
        try await fill.finish()
    }
}

extension Fill {
    /// Waits for the end of a fill without a body to follow.
    func finish() async throws(FillFailure) {
        await result()
        if case .failed(let failure) = phase { throw failure }
    }
}

extension UpstreamRequest {
    fileprivate var isConditional: Bool { ifNoneMatch != nil || ifModifiedSince != nil }
}

extension UpstreamError {
    /// Whether the upstream is unwell, as opposed to our own rules or limits.
    var showsOutage: Bool {
        switch self {
        case .unreachable, .timedOut, .insecure, .truncated, .malformed: true
        case .redirectRefused, .addressRefused, .hostRefused, .tooLarge, .cancelled: false
        }
    }
}

extension FillFailure {
    /// The one table from an upstream's error to a failure.
    init(_ error: UpstreamError) {
        self =
            switch error {
            case .unreachable, .insecure: .upstreamUnreachable
            case .timedOut: .upstreamTimedOut
            case .redirectRefused: .invalidAnswer("a redirect that is not allowed")
            case .addressRefused: .invalidAnswer("a URL with a forbidden address")
            case .hostRefused: .invalidAnswer("a URL on a host that is not allowed")
            case .truncated: .bodyCorrupt
            case .tooLarge: .tooLarge
            case .malformed: .invalidAnswer("a malformed answer")
            case .cancelled: .closing
            }
    }

    /// Whether another try in a moment may go better; a time-out has used the client's time.
    fileprivate var isWorthRetrying: Bool {
        switch self {
        case .upstreamUnreachable, .upstreamBusy, .bodyCorrupt: true
        case .upstreamAnswered(let status): status >= 500
        case .absent, .notListed, .notInDocument, .upstreamRefused, .upstreamTimedOut,
            .invalidAnswer, .wrongBody,
            .renderingFailed, .tooLarge, .pinConflict, .withdrawn, .refusedByPolicy,
            .memberMissing, .busy,
            .storeFull,
            .lookupFailed, .storeFailed, .abandoned, .closing:
            false
        }
    }
}
