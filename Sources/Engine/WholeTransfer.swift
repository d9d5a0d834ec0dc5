internal import Backends
internal import CacheRules
internal import Digests
internal import Linux
internal import Resources

/// The body of an artifact that is small or of unknown size: nobody sees a byte of it before it was verified whole.
///
/// So a broken transfer can be begun anew without any client noticing, and clients that check no
/// digest of their own never hold wrong bytes.
struct WholeTransfer: Sendable {
    let fill: Fill
    let verdict: ArtifactVerdict

    enum Outcome: Sendable {
        case stored
        /// Verified but not stored; those who wait follow the fill.
        case inMemory
        /// The upstream broke off; nothing of this try is left.
        case brokenOff(FillFailure)
        /// Neither store nor memory takes it; nothing of this try is left.
        case noRoom
    }

    private var engine: PullThroughEngine { verdict.engine }

    func run() async throws(FillFailure) -> Outcome {
        var draft = try await BlobDraft(engine, .durable, also: verdict.algorithms)
        do throws(FillFailure) {
            if let failure = try await receive(into: &draft) {
                verdict.response.body.cancel()
                await draft.abandon()
                return .brokenOff(failure)
            }
            let outcome = try await settle(&draft)
            await draft.abandon()
            return outcome
        } catch .storeFull {
            verdict.response.body.cancel()
            await draft.abandon()
            return .noRoom
        } catch {
            verdict.response.body.cancel()
            await draft.abandon()
            throw error
        }
    }

    /// Returns why the body ended too early, if it did.
    private func receive(into draft: inout BlobDraft) async throws(FillFailure) -> FillFailure? {
        defer {
            engine.observer.upstreamDelivered(
                verdict.subject.mount.label, byteCount: draft.byteCount)
        }
        let expected = verdict.byteCount
        var sign = verdict.signCheck
        DesertedTransfer(engine, fill, verdict)?.begin()
        while true {
            let piece: [UInt8]?
            do throws(UpstreamError) {
                piece = try await verdict.response.body.next()
                if fill.isForsaken { throw .cancelled }
            } catch {
                if fill.isForsaken { throw .abandoned }
                guard error.showsOutage else { throw FillFailure(error) }
                if case .timedOut = error {
                    let health = engine.healthLabel(verdict.subject.mount, verdict.fact.url)
                    engine.note(.failure, for: health)
                }
                return FillFailure(error)
            }
            guard let piece else {
                guard draft.byteCount >= expected ?? 0 else { return .bodyCorrupt }
                try sign.finish()
                return nil
            }
            let count = draft.byteCount + piece.count
            guard count <= expected ?? .max else { throw .bodyCorrupt }
            guard count <= engine.rules.artifactByteLimit else { throw .tooLarge }
            _ = try sign.take(piece)
            try await draft.append(piece)
            fill.noteArrival(of: count)
        }
    }

    private func settle(_ draft: inout BlobDraft) async throws(FillFailure) -> Outcome {
        guard let computed = draft.finish() else { throw .storeFailed }
        try verdict.check(computed)
        let mayStore = try await verdict.pin(computed, isStorable: draft.isStaged)
        if try await draft.commit(as: computed.blob, inStore: mayStore) {
            await verdict.keep(computed)
            return .stored
        }
        guard let file = engine.volatile.find(computed.blob) else { throw .storeFull }
        fill.begin(verdict.head(of: computed), file: file)
        fill.publish(fileCount: file.byteCount, visible: file.byteCount)
        fill.complete(count: file.byteCount)
        return .inMemory
    }
}
