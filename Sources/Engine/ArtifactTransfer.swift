internal import Admission
internal import Backends
internal import CacheRules
internal import Digests
internal import HTTPModel
internal import Linux
internal import Resources

/// The body of one artifact on its way: hashed, staged, followed, verified, stored.
///
/// The tail is held back from readers until every promised digest matched, so that a corrupt body
/// ends as a broken transfer and never as a complete one (rule I2). A disk that takes no more
/// bytes turns the rest of the transfer into a relay: readers get their bytes, nothing is stored.
struct ArtifactTransfer {
    let engine: PullThroughEngine
    let fill: Fill
    let subject: Subject
    let fact: FileFact
    let response: UpstreamResponse
    private var staged: (any StagedBlob)?
    private var count = 0

    init(
        engine: PullThroughEngine, fill: Fill, subject: Subject, fact: FileFact,
        response: UpstreamResponse
    ) {
        self.engine = engine
        self.fill = fill
        self.subject = subject
        self.fact = fact
        self.response = response
    }

    /// Runs the transfer to its end.
    ///
    /// Returns whether the bytes are stored: a request that finds the fill settled will find them.
    mutating func run() async throws(FillFailure) -> Bool {
        do throws(FillFailure) {
            await stage()
            begin()
            let digests = try await receive()
            try verify(digests)
            let isPinned = try await pin(digests.blob)
            fill.complete(count: count)
            let isStored = isPinned ? await commit(digests.blob) : false
            await staged?.abandon()
            return isStored
        } catch {
            response.body.cancel()
            await staged?.abandon()
            throw error
        }
    }

    private mutating func stage() async {
        do throws(StoreError) {
            staged = try await engine.stores.blobs.stage(.durable)
        } catch {
            engine.tell(error)
        }
    }

    private func begin() {
        fill.begin(
            Fill.Head(
                byteCount: fact.byteCount ?? response.byteCount,
                entityTag: fact.strongestDigest?.hex,
                lastModified: response.headers["last-modified"],
                upstreamStatus: response.status),
            file: staged?.reader)
    }

    // MARK: Bytes

    private mutating func receive() async throws(FillFailure) -> ContentDigests {
        guard var hasher = try? MultiHasher(also: fact.digests.map(\.algorithm)) else {
            throw .storeFailed
        }
        let expected = fact.byteCount ?? response.byteCount
        while let piece = try await next() {
            count += piece.count
            if let expected, count > expected { throw .bodyCorrupt }
            guard count <= engine.rules.artifactByteLimit else { throw .tooLarge }
            hasher.update(piece)
            try await pass(piece)
        }
        if let expected, count != expected { throw .bodyCorrupt }
        // Rule I6: nothing tells a whole body from a cut one, neither a digest nor an end.
        guard response.hasProvenEnd || expected != nil || !fact.digests.isEmpty else {
            throw .bodyCorrupt
        }
        engine.observer.upstreamDelivered(subject.mount.label, byteCount: count)
        return hasher.finish()
    }

    private func next() async throws(FillFailure) -> [UInt8]? {
        do throws(UpstreamError) {
            return try await response.body.next()
        } catch {
            if case .timedOut = error {
                engine.note(.failure, for: engine.healthLabel(subject.mount, fact.url))
            }
            engine.observer.upstreamDelivered(subject.mount.label, byteCount: count)
            throw FillFailure(error)
        }
    }

    private mutating func pass(_ piece: [UInt8]) async throws(FillFailure) {
        let visible = max(0, count - engine.rules.heldBackByteCount)
        if let staged {
            do throws(StoreError) {
                try await staged.append(piece)
                fill.publish(fileCount: count, visible: visible)
                return
            } catch {
                engine.tell(error)
                await staged.abandon()
                self.staged = nil
                fill.switchToRelay()
            }
        }
        let isRead = await fill.relay(piece, visible: visible, lonely: watch)
        guard isRead else { throw .abandoned }
    }

    /// Ends a relay to which nobody comes.
    private func watch() {
        let fill = fill
        let time = engine.time
        engine.runner.start {
            await time.sleep(for: .seconds(60))
            fill.abandonIfUnread()
        }
    }

    // MARK: Verdict

    private func verify(_ computed: ContentDigests) throws(FillFailure) {
        for promised in fact.digests {
            guard computed.fulfils(promised) == true else { throw .bodyCorrupt }
        }
    }

    /// Asks admission with the pin, which is written before the first success (rule I3).
    ///
    /// Returns false when nothing may be stored: there is no staged file, or no pin could be written.
    private func pin(_ digest: BlobDigest) async throws(FillFailure) -> Bool {
        var pinned: BlobDigest?
        var mayStore = staged != nil
        do throws(StoreError) {
            pinned =
                mayStore
                ? try await engine.stores.pins.pin(subject.key, to: digest)
                : try await engine.stores.pins.pin(for: subject.key)
        } catch {
            engine.tell(error)
            mayStore = false
            // What cannot be written may still be read, and it binds all the same.
            pinned = try? await engine.stores.pins.pin(for: subject.key)
        }
        let resource = subject.resource ?? .artifact("")
        switch engine.admission.admit(.anonymous, resource, body: digest, pin: pinned) {
        case .success: return mayStore
        case .failure: throw .pinConflict
        }
    }

    private mutating func commit(_ digest: BlobDigest) async -> Bool {
        guard let staged else { return false }
        do throws(StoreError) {
            _ = try await staged.commit(as: digest)
        } catch {
            engine.observer.storeFailed(error)
            return false
        }
        self.staged = nil
        let now = engine.time.now
        var headers = Headers()
        if let modified = response.headers["last-modified"] {
            headers.append("last-modified", modified)
        }
        await engine.keep(
            StoredResponse(
                key: subject.key, kind: .artifact, headers: headers, body: digest,
                byteCount: count, entityTag: fact.strongestDigest?.hex ?? digest.hex,
                storedAt: now, validatedAt: now, lifetimeSeconds: 31_536_000))
        return true
    }
}
