internal import Backends
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Entries that the upstream removed stay in a document, where the adapter keeps them, for as long
/// as their files are stored.
///
/// What is stored in the place of the upstream's bytes holds them as well, so that a rendering, a
/// merge and a restart need to know nothing of them. The upstream's own entries are what a newer
/// version is judged by.
extension DocumentFill {
    /// A document with kept entries, and the facts of all that it names.
    struct Kept {
        let bytes: [UInt8]
        let facts: [FileFact]
    }

    /// Whether the bytes of a new version are needed as a whole.
    var mayKeep: Bool { subject.mount.adapter.keeper != nil && held != nil }

    /// Whether the upstream sent what it had sent before entries were kept in it.
    func isSource(
        _ digest: BlobDigest, of document: StoredResponse, _ headers: Headers
    ) -> Bool {
        document.headers[Headers.sourceField] == digest.hex
            && document.headers[Self.recipeField] == headers[Self.recipeField]
    }

    /// The new version with what stays in it of the one that is held; nil when nothing does.
    func keeping(_ contents: Contents) async throws(FillFailure) -> Kept? {
        guard let keeper = subject.mount.adapter.keeper, let new = contents.whole,
            let held, !held.isRefused, !contents.summary.isTakedown,
            let old = try await heldDocument(held, like: new.head)
        else { return nil }
        let removed = removedFacts(of: old, but: contents.facts)
        let stored = await storedArtifacts(of: removed)
        guard !stored.isEmpty else { return nil }
        do throws(DocumentFault) {
            let bytes = try keeper.carrying(stored, from: old.bytes, into: new.bytes)
            guard bytes != new.bytes else { return nil }
            guard bytes.count <= engine.rules.documentByteLimit else {
                throw DocumentFault("longer than the limit for documents")
            }
            let facts = try facts(of: UpstreamDocument(new.head, bytes: bytes))
            return Kept(bytes: bytes, facts: facts)
        } catch {
            // Without them rather than not at all.
            let note = "removed entries could not be kept"
            engine.observer.documentNoted(subject.mount.label, note: note, stored.count)
            return nil
        }
    }

    /// Puts other bytes in the place of those that have arrived, and gives their digest.
    func replace(
        _ draft: inout BlobDraft, with bytes: [UInt8]
    ) async throws(FillFailure) -> BlobDigest {
        await draft.abandon()
        draft = try await BlobDraft(engine, .durable)
        try await draft.append(bytes)
        guard let digest = draft.finish()?.blob else { throw .storeFailed }
        return digest
    }

    private func heldDocument(
        _ held: StoredResponse, like head: DocumentHead
    ) async throws(FillFailure) -> UpstreamDocument? {
        guard let bytes = try await engine.bytes(of: held),
            let url = AbsoluteURL(held.headers[Self.urlField] ?? "")
        else { return nil }
        return UpstreamDocument(
            name: head.name, contentType: held.headers["content-type"], url: url, bytes: bytes)
    }

    /// What the old version says of files that the new one does not name.
    private func removedFacts(of old: UpstreamDocument, but facts: [FileFact]) -> [FileFact] {
        let named = Set(facts.map(\.artifact))
        // What is held and cannot be read any more has nothing to give.
        let before = try? self.facts(of: old)
        return (before ?? []).filter { !named.contains($0.artifact) }
    }

    private func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact] {
        var intake = subject.mount.adapter.intake(of: document.head)
        try intake.take(document.bytes)
        return try intake.finish()
    }

    /// The files among these that are stored as their facts promise.
    ///
    /// A row says so; one whose blob is gone is a repair for the next request, not for this. Where
    /// the database cannot tell, all count as stored: the next change tells better.
    private func storedArtifacts(of facts: [FileFact]) async -> Set<String> {
        var stored: Set<String> = []
        do throws(StoreError) {
            for fact in facts {
                let key = CacheKey(.artifact(fact.artifact), of: subject.mount.adapter.identity)
                guard let response = try await engine.stores.responses.response(for: key),
                    !response.isOutdated(by: fact)
                else { continue }
                stored.insert(fact.artifact)
            }
        } catch {
            engine.observer.storeFailed(error)
            return Set(facts.map(\.artifact))
        }
        return stored
    }
}

extension Headers {
    /// Where a document with kept entries says what the upstream sent; no field can have this name.
    fileprivate static let sourceField = ":source"

    mutating func note(source digest: BlobDigest) {
        replace(Self.sourceField, digest.hex)
    }
}
