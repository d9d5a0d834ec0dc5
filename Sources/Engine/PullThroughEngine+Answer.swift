internal import Backends
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Policy
internal import Resources

extension PullThroughEngine {
    // MARK: Documents

    func document(
        _ name: String, _ wish: DocumentWish, _ inquiry: Inquiry, _ mount: Mount
    ) -> Answer {
        let subject = judged(document: name, mount)
        if let refusal = subject.verdict?.refusal { return refused(refusal, inquiry, subject) }
        switch index.find(subject.key) {
        case .unknown where !inquiry.memory.isLookupBroken:
            return lookup(subject.key, inquiry)
        case .negative(let failure, let until) where time.now < until:
            return negative(failure, inquiry, subject)
        case .unknown, .nothing, .negative:
            if let failure = inquiry.memory.failure { return failed(failure, inquiry, subject) }
            return fetchDocument(inquiry, subject, held: nil)
                ?? failed(.busy, inquiry, subject)
        case .stored(let indexed) where indexed.response.isRefused:
            return refused(indexed.response, inquiry, subject)
        case .stored(let indexed):
            return held(indexed, wish, inquiry, subject)
        }
    }

    /// Answers for a project that was withdrawn and is refused: asks again now and then, in case it
    /// came back.
    private func refused(
        _ response: StoredResponse, _ inquiry: Inquiry, _ subject: Subject
    ) -> Answer {
        let isRecent = time.now - response.validatedAt < rules.negativeSeconds
        let isSettled =
            isRecent || inquiry.memory.hasAsked || inquiry.memory.failure != nil
            || !inquiry.memory.mayWait
        if !isSettled, let answer = fetchDocument(inquiry, subject, held: response) {
            return answer
        }
        return failed(.withdrawn, inquiry, subject)
    }

    /// Answers from a document that we hold: at once while it is fresh, else after asking.
    private func held(
        _ indexed: IndexedResponse, _ wish: DocumentWish, _ inquiry: Inquiry, _ subject: Subject
    ) -> Answer {
        let response = indexed.response
        let now = time.now
        let freshness = FreshnessRule.freshness(
            validatedAt: response.validatedAt, lifetimeSeconds: response.lifetimeSeconds, now: now)
        var status = inquiry.memory.status ?? .hit
        status.note(indexed)
        let age = now - response.validatedAt
        let wantsNewer = inquiry.request.asksForRefresh && age >= rules.refreshIntervalSeconds
        if case .fresh(let remaining) = freshness, !wantsNewer || inquiry.memory.hasAsked {
            let left = indexed.isHeldBack ? response.overdueSeconds(at: now) : remaining
            status.remainingSeconds = left
            indexed.use(at: now)
            var delivery = Delivery(response, subject, status, max(left, 0), at: now)
            if inquiry.rounds == 0, !wantsNewer { delivery.repeated = indexed }
            return rendering(of: response, wish, inquiry, delivery)
        }
        if inquiry.memory.hasAsked, inquiry.memory.failure == nil {
            // With a lifetime of zero it is stale at once, and yet it is what the upstream says now.
            indexed.use(at: now)
            return rendering(
                of: response, wish, inquiry, Delivery(response, subject, status, 0, at: now))
        }
        var inquiry = inquiry
        // Somebody has waited for it in vain already.
        if pages.find(subject.key)?.isLate == true { inquiry.memory.mayWait = false }
        let use = staleUse(of: response, freshness, subject)
        let stale = staleStatus(freshness, inquiry, indexed, use)
        let late = Delivery(response, subject, stale, 0, at: now, staleUse: use)
        indexed.use(at: now)
        guard inquiry.memory.failure == nil, inquiry.memory.mayWait, !indexed.isResting(at: now)
        else { return overdue(response, wish, inquiry, late) }
        switch health.permission(for: subject.mount.label, at: time.uptimeNanoseconds) {
        case .wait where use != .whileValidating:
            return fetchDocument(inquiry, subject, held: response)
                ?? overdue(response, wish, inquiry, late)
        case .wait, .probe: _ = startFetch(subject, held: response)
        case .none: break
        }
        return overdue(response, wish, inquiry, late)
    }

    private func staleStatus(
        _ freshness: Freshness, _ inquiry: Inquiry, _ indexed: IndexedResponse,
        _ use: UpstreamFreshness.StaleUse
    ) -> CacheStatus {
        var status = CacheStatus(forward: .stale, detail: .staleIfError)
        if inquiry.memory.failure == nil, !inquiry.memory.mayWait || use == .whileValidating {
            status.detail = .staleWhileRevalidate
        }
        status.note(indexed)
        if case .upstreamAnswered(let code) = inquiry.memory.failure { status.forwardStatus = code }
        if case .stale(let seconds) = freshness { status.remainingSeconds = -seconds }
        return status
    }

    func rendering(
        of document: StoredResponse, _ wish: DocumentWish, _ inquiry: Inquiry, _ delivery: Delivery
    ) -> Answer {
        let coding = delivery.coding(for: inquiry.request)
        let work = RenderingFill.Recipe(
            document: document, adapter: delivery.subject.mount.adapter, variant: wish.variant,
            coding: coding, screen: delivery.subject.screen)
        let key = work.key
        switch index.find(key) {
        case .unknown where !inquiry.memory.isLookupBroken: return lookup(key, inquiry)
        case .negative(let failure, let until) where time.now < until:
            if case .refusedByPolicy = failure {
                return failed(failure, inquiry, delivery.subject)
            }
            return lacking(document, since: until - rules.negativeSeconds, inquiry, delivery)
        case .unknown, .nothing, .negative:
            return renderOrRepair(work, inquiry, delivery)
        case .stored(let indexed) where indexed.response.isOutgrown(at: time.now):
            return renderOrRepair(work, inquiry, delivery)
        case .stored(let indexed):
            let delivery = delivery.limited(by: indexed.response)
            switch find(indexed.response.body) {
            case .ready(let file):
                indexed.use(at: time.now)
                let reply = Replies.document(
                    indexed.response, file, work, inquiry,
                    wish.isStorable ? delivery : delivery.unstorable,
                    admission: admission, isDown: isDown(delivery.subject))
                return .reply(
                    reply.repeated(delivery, for: inquiry.principal, sending: indexed))
            case .unverified where !inquiry.memory.isLookupBroken,
                .elsewhere where !inquiry.memory.isLookupBroken:
                return verify(indexed.response, inquiry)
            case .absent, .elsewhere, .unverified:
                index.put(.nothing, for: key)
                return render(work, inquiry, delivery)
            case .failed(let error):
                // Made anew of the document, which may be readable.
                observer.storeFailed(error)
                return renderOrRepair(work, inquiry, delivery)
            }
        }
    }

    func render(
        _ recipe: RenderingFill.Recipe, _ inquiry: Inquiry, _ delivery: Delivery
    ) -> Answer {
        switch pages.join(recipe.key, mayBegin: inquiry.mayBegin) {
        case .full: return failed(.busy, inquiry, delivery.subject)
        case .follower(let fill): return waiting(for: fill, inquiry)
        case .leader(let fill):
            let work = RenderingFill(
                engine: self, fill: fill, recipe: recipe, subject: delivery.subject)
            runner.start(for: fill) { await work.run() }
            return waiting(for: fill, inquiry)
        }
    }

    /// Answers that a document has nothing of the wanted variant, as far as is known `since` then.
    ///
    /// The upstream is asked first whether that is still so, unless it was asked a moment before.
    private func lacking(
        _ document: StoredResponse, since second: Int64, _ inquiry: Inquiry, _ delivery: Delivery
    ) -> Answer {
        let subject = delivery.subject
        let isCurrent = document.validatedAt + rules.refreshIntervalSeconds > second
        guard !isCurrent, !inquiry.memory.hasAsked else {
            return negative(document.heldBackFailure ?? .notInDocument, inquiry, subject)
        }
        if let failure = inquiry.memory.failure { return failed(failure, inquiry, subject) }
        guard inquiry.memory.mayWait else { return failed(.upstreamTimedOut, inquiry, subject) }
        switch health.permission(for: subject.mount.label, at: time.uptimeNanoseconds) {
        case .wait, .probe:
            return fetchDocument(inquiry, subject, held: document)
                ?? failed(.busy, inquiry, subject)
        case .none:
            return failed(.upstreamUnreachable, inquiry, subject)
        }
    }
}
