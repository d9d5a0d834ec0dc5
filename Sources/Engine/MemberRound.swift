internal import Backends
internal import CacheRules
internal import Ecosystems
internal import Resources

/// Brings the members of a document up to date, all of them at once.
///
/// A member that is held and fresh is taken as it is. A stale one is validated as far as its own
/// upstream's breaker lets it, for as long as a client would wait; then the stale one is taken. One
/// that is not held is waited for: without it, what it owns would look as if it were nobody's.
struct MemberRound {
    /// A member as it is now.
    struct Member {
        let document: DocumentMember
        /// Nil where its upstream says that there is no such document.
        let response: StoredResponse?
        /// For how long it is what its upstream says; 0 for a stale one.
        let remainingSeconds: Int64
    }

    /// A member that was looked up, and the fetch that is under way for it.
    private struct Asked {
        let document: DocumentMember
        let subject: Subject
        let held: StoredResponse?
        let fill: Fill?

        var label: String { document.upstream.name }
    }

    let engine: PullThroughEngine
    let members: [DocumentMember]
    /// Whether fresh ones are validated as well, but for those of a moment ago.
    let isRefresh: Bool

    /// The members in their order.
    ///
    /// - Throws: ``FillFailure/memberMissing(upstream:_:)`` for one that was never held and cannot
    ///   be had; ``FillFailure/lookupFailed`` where nobody can tell whether one is held.
    func run() async throws(FillFailure) -> [Member] {
        var asked: [Asked] = []
        for member in members { asked.append(try await ask(member)) }
        // From here on only upstreams take time, and not our own database.
        let deadline = engine.time.uptimeNanoseconds &+ engine.rules.validationBudget
        var latest: [Member] = []
        for member in asked { latest.append(try await result(of: member, by: deadline)) }
        return latest
    }

    /// Looks a member up, and starts or joins its fetch where one is due.
    private func ask(_ member: DocumentMember) async throws(FillFailure) -> Asked {
        guard let mount = engine.mounts.first(where: { $0.adapter.identity == member.upstream })
        else { throw .renderingFailed("made of a document that is not mounted") }
        let subject = Subject(mount: mount, resource: .document(member.document))
        switch try await engine.knowledge(of: subject.key) {
        case .stored(let indexed):
            indexed.use(at: engine.time.now)
            let fill = validation(of: subject, indexed.response)
            return Asked(document: member, subject: subject, held: indexed.response, fill: fill)
        case .negative(_, let until) where engine.time.now < until:
            return Asked(document: member, subject: subject, held: nil, fill: nil)
        case .unknown, .nothing, .negative:
            guard let (fill, _) = engine.startFetch(subject, held: nil) else { throw .busy }
            return Asked(document: member, subject: subject, held: nil, fill: fill)
        }
    }

    /// The validation to wait for; nil where the member is taken as it is.
    private func validation(of subject: Subject, _ held: StoredResponse) -> Fill? {
        let age = engine.time.now - held.validatedAt
        let isWanted = isRefresh && age >= engine.rules.refreshIntervalSeconds
        guard isWanted || remainingSeconds(of: held) == 0 else { return nil }
        switch engine.health.permission(
            for: subject.mount.label, at: engine.time.uptimeNanoseconds)
        {
        case .wait: return engine.startFetch(subject, held: held)?.fill
        case .probe:
            _ = engine.startFetch(subject, held: held)
            return nil
        case .none: return nil
        }
    }

    private func result(
        of asked: Asked, by deadline: UInt64
    ) async throws(FillFailure) -> Member {
        do throws(FillFailure) {
            try await wait(for: asked, by: deadline)
        } catch {
            guard error.concernsUpstream else { throw error }
            if case .absent = error { return absent(asked.document) }
            throw .memberMissing(upstream: asked.label, error)
        }
        switch try await engine.knowledge(of: asked.subject.key) {
        case .stored(let indexed): return member(asked.document, indexed.response)
        case .negative(.absent, _) where asked.held == nil: return absent(asked.document)
        case .negative(let failure, _) where asked.held == nil:
            throw .memberMissing(upstream: asked.label, failure)
        case .unknown, .nothing, .negative:
            if let held = asked.held { return member(asked.document, held) }
            throw .memberMissing(upstream: asked.label, .storeFailed)
        }
    }

    /// Waits for a fetch: to its end for a member that is not held, else until the deadline.
    ///
    /// What becomes of a validation is no matter: the member keeps what it has.
    private func wait(for asked: Asked, by deadline: UInt64) async throws(FillFailure) {
        guard let fill = asked.fill else { return }
        guard asked.held != nil else { return try await fill.finish() }
        let now = engine.time.uptimeNanoseconds
        let left = deadline > now ? deadline - now : 0
        let isOver = await fill.isOver(
            within: .nanoseconds(Int64(clamping: left)), engine.time)
        if !isOver, !fill.hasAnswer, fill.isOverdue(at: engine.time.uptimeNanoseconds) {
            engine.note(.budgetSpent, for: asked.label)
        }
    }

    private func member(_ document: DocumentMember, _ response: StoredResponse) -> Member {
        Member(
            document: document, response: response,
            remainingSeconds: remainingSeconds(of: response))
    }

    private func absent(_ document: DocumentMember) -> Member {
        Member(
            document: document, response: nil, remainingSeconds: engine.rules.negativeSeconds)
    }

    private func remainingSeconds(of response: StoredResponse) -> Int64 {
        response.remainingSeconds(at: engine.time.now)
    }
}

extension StoredResponse {
    /// For how long it is fresh; 0 when it is stale.
    func remainingSeconds(at now: Int64) -> Int64 {
        let freshness = FreshnessRule.freshness(
            validatedAt: validatedAt, lifetimeSeconds: lifetimeSeconds, now: now)
        return if case .fresh(let seconds) = freshness { seconds } else { 0 }
    }
}

extension Fill {
    /// Waits until the fill is no longer working, and no longer than `limit`.
    ///
    /// Returns whether it is over, whatever it came to.
    func isOver(within limit: Duration, _ time: any TimeSource) async -> Bool {
        let (news, bell) = AsyncStream.makeStream(of: Void.self)
        wake { bell.finish() }
        await withDiscardingTaskGroup { group in
            group.addTask {
                await time.sleep(for: limit)
                bell.finish()
            }
            for await _ in news {}
            group.cancelAll()
        }
        if case .working = phase { return false }
        return true
    }
}
