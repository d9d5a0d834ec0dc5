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
    let fill: Fill
    let verdict: ArtifactVerdict
    private var staged: (any StagedBlob)?
    /// Bytes that have arrived, and those of them that were passed on.
    private var arrived = 0
    private var count = 0

    init(fill: Fill, verdict: ArtifactVerdict) {
        self.fill = fill
        self.verdict = verdict
    }

    private var engine: PullThroughEngine { verdict.engine }
    private var subject: Subject { verdict.subject }
    private var fact: FileFact { verdict.fact }
    private var response: UpstreamResponse { verdict.response }

    /// Runs the transfer to its end.
    ///
    /// Returns whether the bytes are stored: a request that finds the fill settled will find them.
    mutating func run() async throws(FillFailure) -> Bool {
        do throws(FillFailure) {
            await stage()
            DesertedTransfer(engine, fill, verdict)?.begin()
            let digests = try await receive()
            try verdict.check(digests)
            let isPinned = try await verdict.pin(digests, isStorable: staged != nil)
            fill.complete(count: count)
            let isStored = isPinned ? await commit(digests) : false
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
        fill.begin(verdict.head, file: staged?.reader)
    }

    // MARK: Bytes

    private mutating func receive() async throws(FillFailure) -> ContentDigests {
        guard var hasher = try? MultiHasher(also: verdict.algorithms) else {
            throw .storeFailed
        }
        let expected = verdict.byteCount
        // Nobody gets so much as a head before the body is known to be a file of its kind.
        var sign = verdict.signCheck
        if sign.isSettled { begin() }
        while let piece = try await next() {
            arrived += piece.count
            fill.noteArrival(of: arrived)
            if let expected, arrived > expected { throw .bodyCorrupt }
            guard arrived <= engine.rules.artifactByteLimit else { throw .tooLarge }
            hasher.update(piece)
            let wasSettled = sign.isSettled
            let passed = try sign.take(piece)
            if sign.isSettled, !wasSettled { begin() }
            if !passed.isEmpty { try await pass(passed) }
        }
        try sign.finish()
        engine.observer.upstreamDelivered(subject.mount.label, byteCount: arrived)
        return hasher.finish()
    }

    private func next() async throws(FillFailure) -> [UInt8]? {
        do throws(UpstreamError) {
            let piece = try await response.body.next()
            if fill.isForsaken { throw UpstreamError.cancelled }
            return piece
        } catch {
            if case .timedOut = error {
                engine.note(.failure, for: engine.healthLabel(subject.mount, fact.url))
            }
            engine.observer.upstreamDelivered(subject.mount.label, byteCount: arrived)
            throw fill.isForsaken ? .abandoned : FillFailure(error)
        }
    }

    private mutating func pass(_ piece: [UInt8]) async throws(FillFailure) {
        count += piece.count
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

    private mutating func commit(_ computed: ContentDigests) async -> Bool {
        guard let staged else { return false }
        do throws(StoreError) {
            _ = try await staged.commit(as: computed.blob)
        } catch {
            engine.observer.storeFailed(error)
            return false
        }
        self.staged = nil
        await verdict.keep(computed)
        return true
    }
}
