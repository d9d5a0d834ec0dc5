internal import Admission
internal import Backends
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Policy
internal import Resources

/// What decides over the bytes of an artifact that has come whole, and the row when they are stored.
struct ArtifactVerdict: Sendable {
    let engine: PullThroughEngine
    let subject: Subject
    let fact: FileFact
    let response: UpstreamResponse
    /// What the document promises where bytes that break its promise may be taken all the same.
    let waived: FileFact?

    /// What has to be computed beside SHA-256.
    var algorithms: [DigestAlgorithm] {
        (fact.digests + (waived?.digests ?? [])).map(\.algorithm)
    }

    /// The declared length of the body.
    var byteCount: Int? { fact.byteCount ?? response.byteCount }

    /// What looks whether the body is a file of its kind.
    var signCheck: SignCheck {
        SignCheck(subject.mount.adapter.form(ofArtifact: fact.artifact))
    }

    /// What is known before the body.
    var head: Fill.Head {
        let promised = fact.strongestDigests
        return Fill.Head(
            // Which of several the bytes have is not known yet.
            byteCount: byteCount, entityTag: promised.count == 1 ? promised[0].hex : nil,
            lastModified: response.headers["last-modified"], upstreamStatus: response.status)
    }

    /// What is known once all bytes are there.
    func head(of computed: ContentDigests) -> Fill.Head {
        Fill.Head(
            byteCount: computed.byteCount, entityTag: entityTag(of: computed),
            lastModified: response.headers["last-modified"], upstreamStatus: response.status)
    }

    private func entityTag(of computed: ContentDigests) -> String {
        let strongest = fact.strongestDigests.first?.algorithm
        return computed.digests.first { $0.algorithm == strongest }?.hex ?? computed.blob.hex
    }

    /// Compares with what is promised.
    func check(_ computed: ContentDigests) throws(FillFailure) {
        if let byteCount, computed.byteCount != byteCount { throw .bodyCorrupt }
        // Rule I6: nothing tells a whole body from a cut one, neither a digest nor an end.
        guard response.hasProvenEnd || byteCount != nil || !fact.digests.isEmpty else {
            throw .bodyCorrupt
        }
        guard fact.isFulfilled(by: computed) else { throw .bodyCorrupt }
    }

    /// Asks admission with the pin, after the policy was asked for those who follow;
    /// it is written before the first success (rule I3).
    ///
    /// Returns false when nothing may be stored: there is no file to store, or no pin could be
    /// written.
    func pin(_ computed: ContentDigests, isStorable: Bool) async throws(FillFailure) -> Bool {
        let digest = computed.blob
        var pinned: BlobDigest?
        var mayStore = isStorable
        do throws(StoreError) {
            // Also where nothing is stored: whoever is served was served these bytes.
            pinned = try await engine.stores.pins.pin(subject.key, to: digest)
        } catch {
            engine.tell(ofDatabase: error)
            mayStore = false
            // What cannot be written may still be read, and it binds all the same.
            pinned = try? await engine.stores.pins.pin(for: subject.key)
        }
        let resource = subject.resource ?? .artifact("")
        let isPinBinding = subject.mount.adapter.digestMismatch != .warn
        switch engine.admission.admit(
            .unrestricted, resource, of: subject.mount.adapter.identity, policy: .allowed,
            body: digest, pin: pinned, isPinBinding: isPinBinding)
        {
        case .success: break
        case .failure: throw .pinConflict
        }
        if breaksPromise(computed) { await engine.tellMismatch(subject, .integrityFailure) }
        if let pinned, pinned != digest { await engine.tellMismatch(subject, .pinConflict) }
        return mayStore
    }

    /// Whether the bytes are not those of the document, and are taken all the same.
    private func breaksPromise(_ computed: ContentDigests) -> Bool {
        waived.map { !$0.isFulfilled(by: computed) } ?? false
    }

    /// Writes the row of a blob that is stored, and lets requests find it.
    func keep(_ computed: ContentDigests) async {
        let now = engine.time.now
        var headers = Headers()
        if let modified = response.headers["last-modified"] {
            headers.append("last-modified", modified)
        }
        if let waived, breaksPromise(computed) { StoredResponse.note(broken: waived, in: &headers) }
        await engine.keep(
            StoredResponse(
                key: subject.key, kind: .artifact, headers: headers, body: computed.blob,
                byteCount: computed.byteCount, entityTag: entityTag(of: computed), storedAt: now,
                validatedAt: now,
                lifetimeSeconds: 31_536_000))
    }
}
