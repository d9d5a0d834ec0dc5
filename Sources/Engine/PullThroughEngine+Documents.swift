internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// What is known of a document whose bytes are all in a draft.
struct ArrivedDocument {
    let headers: Headers
    let lifetimeSeconds: Int64
    var facts: [FileFact] = []
    let notes: [DocumentNote]
}

/// What all fills that bring a document do alike, wherever its bytes come from.
extension PullThroughEngine {
    /// Does the work of a fill of ``pages``, and ends it by what came of that.
    func drive(
        _ fill: Fill, for key: CacheKey, _ work: () async throws(FillFailure) -> Void
    ) async {
        do throws(FillFailure) {
            try await work()
            pages.remove(fill, for: key)
            fill.settle()
        } catch {
            forgetAbsence(of: key)
            pages.remove(fill, for: key)
            fill.fail(error)
        }
    }

    /// Ends a fill of ``pages`` for which another server has done the work.
    func settle(_ fill: Fill, for key: CacheKey) {
        pages.remove(fill, for: key)
        if case .stored(let indexed) = index.find(key),
            let failure = indexed.response.heldBackFailure
        {
            fill.fail(failure)
        } else {
            fill.settle()
        }
    }

    /// What is stored now: another fill may have stored it between the look and the start of this one.
    func latest(_ held: StoredResponse?, for key: CacheKey) -> StoredResponse? {
        if case .stored(let indexed) = index.find(key) { return indexed.response }
        return held
    }

    /// What may be done with a document that is stale: it is for outages, unless its adapter leaves that
    /// to the upstream.
    func staleUse(
        of document: StoredResponse, _ freshness: Freshness, _ subject: Subject
    ) -> UpstreamFreshness.StaleUse {
        let origin = subject.mount.adapter.origin(ofDocument: subject.resource?.name ?? "")
        guard case .upstream = origin.freshness, case .stale(let seconds) = freshness else {
            return .onFailure
        }
        return UpstreamFreshness.staleUse(document.headers, bySeconds: seconds)
    }

    /// Answers with a document that could not be validated in time.
    func overdue(
        _ document: StoredResponse, _ wish: DocumentWish, _ inquiry: Inquiry, _ delivery: Delivery
    ) -> Answer {
        guard delivery.staleUse != .never else {
            let failure = inquiry.memory.failure ?? .upstreamUnreachable
            return failed(failure, inquiry, delivery.subject)
        }
        return rendering(of: document, wish, inquiry, delivery)
    }

    /// Gives `body` a draft, of which nothing stays but what it commits.
    func withDraft<Result: Sendable>(
        _ body: (inout BlobDraft) async throws(FillFailure) -> Result
    ) async throws(FillFailure) -> Result {
        var draft = try await BlobDraft(self, .durable)
        do throws(FillFailure) {
            let result = try await body(&draft)
            await draft.abandon()
            return result
        } catch {
            await draft.abandon()
            throw error
        }
    }

    /// Stores a document in the place of the one that is held, and tells its notes when it is news.
    ///
    /// Nil when another server has stored another version meanwhile, which is then the one that is
    /// known here. The body stays, since others may be about to store the same one.
    func commit(
        _ draft: inout BlobDraft, as digest: BlobDigest, _ document: ArrivedDocument,
        _ subject: Subject, held: StoredResponse?
    ) async throws(FillFailure) -> StoredResponse? {
        let byteCount = draft.byteCount
        let now = time.now
        let isHeld = held?.body == digest
        if isHeld, case .ready = stores.local.find(digest) {
            await draft.abandon()
        } else {
            _ = try await draft.commit(as: digest)
        }
        let stored = StoredResponse(
            key: subject.key, kind: .document, headers: document.headers, body: digest,
            byteCount: byteCount, entityTag: nil, storedAt: held?.storedAt ?? now,
            validatedAt: now, lifetimeSeconds: document.lifetimeSeconds)
        guard await keep(stored, facts: document.facts, of: subject.mount, held: held?.body) else {
            index.forget(stored.key)
            _ = try? await knowledge(of: stored.key)
            return nil
        }
        guard !isHeld else { return stored }
        for note in document.notes {
            observer.documentNoted(subject.mount.label, note: note.sentence, note.count)
        }
        if let held { await release(held.body) }
        return stored
    }

    /// How much of a document is read at a time, in bytes.
    private static var pieceByteCount: Int { 1 << 20 }

    /// A document as it is stored, whole; nil when its bytes are gone, which is then known.
    func bytes(of document: StoredResponse) async throws(FillFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(document.byteCount)
        do throws(StoreError) {
            while bytes.count < document.byteCount {
                guard
                    let piece = try await read(
                        document.body, at: bytes.count, count: Self.pieceByteCount),
                    !piece.isEmpty
                else {
                    noteLost(document)
                    return nil
                }
                bytes += piece
            }
        } catch {
            observer.storeFailed(error)
            throw .storeFailed
        }
        return bytes
    }

    /// Takes a document out of index and database, unless it has other bytes by now.
    func drop(_ document: StoredResponse) async {
        if case .stored(let indexed) = index.find(document.key),
            indexed.response.body != document.body
        {
            return
        }
        index.put(.nothing, for: document.key)
        do {
            try await stores.responses.remove(document.key)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Has a document whose bytes are gone read anew with the next validation.
    ///
    /// Its row stays, should the upstream be down: without it nobody would know what was stored.
    func noteLost(_ document: StoredResponse) {
        if case .stored(let indexed) = index.find(document.key),
            indexed.response.body != document.body
        {
            return
        }
        var lost = document
        lost.outdateFacts()
        lost.lifetimeSeconds = 0
        index.put(lost)
    }
}
