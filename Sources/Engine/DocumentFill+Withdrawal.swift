internal import Backends
internal import CacheRules
internal import Resources

/// A document that its upstream has no more: 404, 410.
extension DocumentFill {
    func withdraw(_ status: Int) async throws(FillFailure) {
        let now = engine.time.now
        guard var kept = held else {
            engine.forget(subject.key, because: .absent(upstreamStatus: status))
            throw .absent(upstreamStatus: status)
        }
        let earliest: Int64?
        do throws(StoreError) {
            earliest = try await engine.stores.facts.earliestPublication(in: subject.key)
        } catch {
            engine.observer.storeFailed(error)
            earliest = nil
        }
        let verdict = engine.rules.withdrawal.verdict(
            earliestPublication: earliest, storedAt: kept.storedAt,
            withdrawnAt: kept.withdrawnAt ?? now)
        if kept.withdrawnAt == nil {
            await engine.record(
                StoredEvent(
                    kind: .withdrawn, at: now, upstream: subject.mount.label,
                    subject: subject.resource?.name ?? ""))
        }
        switch verdict {
        case .keep:
            kept.endRefusing()
            await update(kept, at: now)
        case .refuse:
            kept.refuse()
            await update(kept, at: now)
            throw .withdrawn
        }
    }

    /// Keeps a withdrawn document as it is, with its mark.
    private func update(_ withdrawn: StoredResponse, at now: Int64) async {
        var kept = withdrawn
        kept.withdrawnAt = kept.withdrawnAt ?? now
        kept.validatedAt = now
        // An operator who wants it newer sets the lifetime to zero, and the question was asked.
        kept.lifetimeSeconds = lifetime(kept.headers)
        await endHoldingBack(&kept)
        await engine.renew(kept)
    }
}
