internal import Backends
internal import CacheRules
internal import Digests
internal import HTTPModel
internal import Resources

/// A new version that goes back does not take the place of a good one.
///
/// The good one stays and is served as stale; validation goes on at its usual pace, and
/// `larder accept` lets the new one in.
extension DocumentFill {
    /// Ends the fill, with nothing read, when the answer is the version that is held back already.
    func refuseKnown(
        _ response: UpstreamResponse, _ headers: Headers
    ) async throws(FillFailure) {
        guard let validated, let regression = validated.regression,
            let candidate = Self.candidate(headers), candidate == validated.candidate
        else { return }
        guard await !isAccepted() else { return }
        response.body.cancel()
        if regression == .invalid { engine.note(.failure, for: health) }
        throw await holdBack(regression, candidate)
    }

    /// Judges a version that has come whole; throws when it is held back.
    ///
    /// A project that is refused has nothing to lose. What counts as an entry depends on our rules and
    /// settings, so that a count by others says nothing; serial and time are the registry's. While a
    /// version is held back, a change of settings must not let it in.
    func judge(
        _ marks: DocumentMarks?, _ headers: Headers, _ body: BlobDigest
    ) async throws(FillFailure) {
        guard let held else { return }
        // The very version that is held is the next one, too.
        guard held.body != body else { return await endAcceptance(of: held) }
        var old = held.marks
        if validated == nil, held.heldBack == nil { old?.entryCount = nil }
        guard !held.isRefused, let old, let marks,
            case .holdBack(let regression) = RegressionRule.verdict(held: old, new: marks)
        else {
            // Whatever was accepted, and whatever was held back by then: this version is the next one.
            _ = await takesAcceptance()
            return
        }
        guard await !takesAcceptance() else { return }
        throw await holdBack(regression, Self.candidate(headers) ?? body.hex)
    }

    /// Keeps what is held in the place of an answer that is no document; nil when nothing is held.
    func holdBackInvalid(_ headers: Headers) async -> FillFailure? {
        guard held != nil else { return nil }
        return await holdBack(.invalid, Self.candidate(headers) ?? "")
    }

    /// Notes that what was held back is so no more, and uses up an acceptance of it.
    func endHoldingBack(_ response: inout StoredResponse) async {
        await endAcceptance(of: response)
        response.endHoldingBack()
    }

    /// Uses up the acceptance of what was held back: else it would let in what nobody looked at.
    private func endAcceptance(of held: StoredResponse) async {
        if held.heldBack != nil { _ = await takesAcceptance() }
    }

    /// Tells of a takedown, once.
    func noteTakedown(_ stored: StoredResponse) async {
        guard stored.isTakedown, let held, !held.isTakedown else { return }
        await engine.record(event(.withdrawn))
    }

    /// Keeps what is held, and tells of it when this is news.
    private func holdBack(_ regression: Regression, _ candidate: String) async -> FillFailure {
        guard var kept = held else { return .invalidAnswer(regression.fault) }
        // A registry that gives an older version answers all the same.
        if regression != .invalid { engine.note(.success, for: health) }
        let isNews = kept.regression != regression || kept.candidate != candidate
        kept.holdBack(regression, candidate, at: engine.time.now)
        // An operator who wants it newer sets the lifetime to zero, and the question was asked.
        kept.lifetimeSeconds = lifetime(kept.headers)
        await engine.renew(kept)
        guard isNews else { return .invalidAnswer(regression.fault) }
        let name = subject.resource?.name ?? ""
        // The asking mount may be an alias, or one under whose paths this is not found.
        let finder = ResourceFinder(mounts: engine.mounts, base: engine.rules.base)
        let path =
            finder.path(of: subject.key)
            ?? "/" + (subject.mount.path + [name]).joined(separator: "/")
        engine.observer.documentHeldBack(subject.mount.label, path: path, regression)
        await engine.record(event(.heldBack))
        return .invalidAnswer(regression.fault)
    }

    /// What is known of a version without its body: its tag, and what else makes it another page.
    private static func candidate(_ headers: Headers) -> String? {
        headers["etag"].map { "\(headers[recipeField] ?? "") \($0)" }
    }

    private func event(_ kind: StoredEvent.Kind) -> StoredEvent {
        StoredEvent(
            kind: kind, at: engine.time.now, upstream: subject.mount.label,
            subject: subject.resource?.name ?? "")
    }

    private func isAccepted() async -> Bool {
        do throws(StoreError) {
            return try await engine.stores.operations.isAccepted(subject.key, at: engine.time.now)
        } catch {
            engine.observer.storeFailed(error)
            return false
        }
    }

    private func takesAcceptance() async -> Bool {
        do throws(StoreError) {
            return try await engine.stores.operations.takeAcceptance(
                of: subject.key, at: engine.time.now)
        } catch {
            engine.observer.storeFailed(error)
            return false
        }
    }
}
