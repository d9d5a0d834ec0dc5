internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Linux
internal import Resources

/// Fetches one artifact while clients follow: hashes, stages, verifies, and only then stores.
struct ArtifactFill: Sendable {
    let engine: PullThroughEngine
    let fill: Fill
    let subject: Subject
    /// The documents that may name this file.
    let source: FactSource
    /// Until when other servers' fetches are waited for, of the file and of all that it needs, in
    /// nanoseconds of uptime; nil where nobody waits yet.
    var turnEnd: UInt64?

    /// Runs once it is this server's turn, unless another one has stored the file by then.
    func runInTurn() async {
        let end = turnEnd ?? engine.time.uptimeNanoseconds &+ engine.rules.fetchPatience
        let turn = await engine.turn(ofArtifact: subject, by: end)
        if turn == .stored {
            engine.files.remove(fill, for: subject.key)
            fill.settle()
            return
        }
        var work = self
        work.turnEnd = end
        await work.run()
        await engine.end(turn, of: subject.key)
    }

    func run() async {
        do throws(FillFailure) {
            let isStored = try await work()
            engine.files.remove(fill, for: subject.key)
            // What could not be stored is still whole in the fill: those who wait for it follow it
            // there. Were it settled, they would ask again and fetch again.
            if isStored { fill.settle() } else { fill.conclude() }
        } catch {
            switch error {
            case .bodyCorrupt, .wrongBody, .pinConflict: await tellCorruption(error)
            default: break
            }
            engine.forgetAbsence(of: subject.key)
            engine.files.remove(fill, for: subject.key)
            fill.fail(error)
        }
    }

    private func work() async throws(FillFailure) -> Bool {
        // Another fill may have stored it between the look and the start of this one.
        if case .stored(let indexed) = engine.index.find(subject.key),
            case .ready = engine.find(indexed.response.body)
        {
            return true
        }
        guard let known = await knownFact().found else { return try await take(try await fact()) }
        do throws(FillFailure) {
            return try await fetch(known)
        } catch {
            if let newer = await newerFact(than: known, after: error) {
                return try await take(newer)
            }
            if case .absent = error { engine.forget(subject.key, because: error) }
            return try await take(known, despite: error)
        }
    }

    /// Fetches the file as a fact says that is as new as can be.
    private func take(_ fact: FileFact) async throws(FillFailure) -> Bool {
        do throws(FillFailure) {
            return try await fetch(fact)
        } catch {
            return try await take(fact, despite: error)
        }
    }

    /// Fetches the file once more, whatever its digest, where the adapter takes others.
    ///
    /// What a pointer promises, and that the body has come to its end, must hold all the same.
    private func take(
        _ fact: FileFact, despite failure: FillFailure
    ) async throws(FillFailure) -> Bool {
        guard failure == .bodyCorrupt, mayMismatch, !fact.digests.isEmpty,
            case .working = fill.phase, !Task.isCancelled
        else { throw failure }
        return try await fetch(fact.unpromised, waived: fact)
    }

    private var mayMismatch: Bool { subject.mount.adapter.digestMismatch != .refuse }

    /// Fetches the file as a fact says.
    private func fetch(
        _ fact: FileFact, waived: FileFact? = nil
    ) async throws(FillFailure) -> Bool {
        let place = try await PointerResolution(engine: engine, subject: subject).place(of: fact)
        let request = UpstreamRequest(
            url: place.fact.url, accept: nil, coding: .identity, policy: subject.mount.policy,
            limits: TransferLimits(total: .seconds(3_600), bodyBytes: bodyLimit(place.fact)))
        return try await transfer(request, place, waived)
    }

    /// Asks the document whether a file that is not what a known fact says is another one by now.
    ///
    /// Nil when it says the same, and when clients have bytes of the first try already.
    private func newerFact(
        than known: FileFact, after failure: FillFailure
    ) async -> FileFact? {
        switch failure {
        case .absent, .upstreamRefused(status: 403), .bodyCorrupt: break
        default: return nil
        }
        guard case .working = fill.phase, !Task.isCancelled else { return nil }
        let document = Subject(mount: subject.mount, resource: .document(source.document))
        do throws(FillFailure) {
            try await engine.refresh(document, turnBy: turnEnd)
        } catch {
            return nil
        }
        guard let newer = await knownFact().found, newer != known else { return nil }
        engine.index.forget(subject.key)
        return newer
    }

    /// Transfers the body: small ones and those of unknown size whole, and again where an upstream
    /// breaks off; large ones while clients follow.
    private func transfer(
        _ request: UpstreamRequest, _ place: PointerResolution.Place, _ waived: FileFact?
    ) async throws(FillFailure) -> Bool {
        let begun = engine.time.uptimeNanoseconds
        var failures = 0
        var isWhole = true
        while true {
            let response = try await begin(request, place)
            let verdict = ArtifactVerdict(
                engine: engine, subject: subject, fact: place.fact, response: response,
                waived: waived)
            guard isWhole, isVerifiedFirst(verdict) else {
                var transfer = ArtifactTransfer(fill: fill, verdict: verdict)
                return try await transfer.run()
            }
            switch try await WholeTransfer(fill: fill, verdict: verdict).run() {
            case .stored: return true
            case .inMemory: return false
            case .noRoom: isWhole = false
            case .brokenOff(let failure):
                failures += 1
                try await pause(after: failure, failures, since: begun)
            }
        }
    }

    /// Whether no byte is sent before all of them were verified.
    ///
    /// So it is for a small file, for one whose size nobody tells, and for all where bytes may be
    /// taken that the document does not promise: nobody may have the promise before them.
    private func isVerifiedFirst(_ verdict: ArtifactVerdict) -> Bool {
        if mayMismatch { return true }
        let limit = subject.mount.adapter.verifiesBeforeSending
        return limit > 0 && verdict.byteCount ?? 0 <= limit
    }

    /// Waits before the next try of a body that broke off; throws when there is none.
    private func pause(
        after failure: FillFailure, _ failures: Int, since begun: UInt64
    ) async throws(FillFailure) {
        let now = engine.time.uptimeNanoseconds
        let pause = engine.rules.retry.pause(
            afterFailures: failures, retryAfterSeconds: nil, jitter: Int(now % 1_000))
        guard let pause, !Task.isCancelled, now &- begun < engine.rules.retryBudget else {
            throw failure
        }
        await engine.time.sleep(for: .milliseconds(pause))
    }

    /// Asks for the file until there is the head of a good answer.
    private func begin(
        _ request: UpstreamRequest, _ place: PointerResolution.Place
    ) async throws(FillFailure) -> UpstreamResponse {
        let fact = place.fact
        var request = request
        let (response, meaning) = try await engine.fetch(&request, subject, in: place.scope)
        guard meaning == .present, response.status == 200 else {
            response.body.cancel()
            if meaning == .absent, let made = try await extracted(fact, response.status) {
                return made
            }
            throw refusal(meaning, response.status)
        }
        if let promised = fact.byteCount, let declared = response.byteCount, promised != declared {
            response.body.cancel()
            throw .bodyCorrupt
        }
        return response.resumable(request, subject.mount, in: place.scope, engine)
    }

    private func extracted(
        _ fact: FileFact, _ status: Int
    ) async throws(FillFailure) -> UpstreamResponse? {
        try await MemberExtraction(
            engine: engine, subject: subject, fact: fact, source: source, turnEnd: turnEnd
        )
        .response(upstreamStatus: status)
    }

    /// A little more than what is promised, so that a longer body is told from the promised one.
    ///
    /// The client shares connections among small bodies, so a known size is worth passing on.
    private func bodyLimit(_ fact: FileFact) -> Int {
        min(fact.byteCount.map { $0 + 262_144 } ?? .max, engine.rules.artifactByteLimit)
    }

    private func refusal(_ meaning: UpstreamMeaning, _ status: Int) -> FillFailure {
        switch meaning {
        case .absent:
            engine.forget(subject.key, because: .absent(upstreamStatus: status))
            return .absent(upstreamStatus: status)
        case .refused: return .upstreamRefused(status: status)
        case .present, .notModified, .busy, .failed: return .upstreamAnswered(status: status)
        }
    }

    private func tellCorruption(_ failure: FillFailure) async {
        let isPin = failure == .pinConflict
        await engine.tellIntegrity(
            subject, isPin ? .pinConflict : .integrityFailure,
            reason: isPin ? "pin" : "upstream-body")
    }
}

extension PullThroughEngine {
    /// Tells of bytes that are taken although they break a promise of the document or of the pin.
    func tellMismatch(_ subject: Subject, _ kind: StoredEvent.Kind) async {
        await tellIntegrity(subject, kind, reason: kind == .pinConflict ? "pin" : "index-digest")
    }

    fileprivate func tellIntegrity(
        _ subject: Subject, _ kind: StoredEvent.Kind, reason: String
    ) async {
        observer.integrityFailed(subject.mount.label, reason: reason)
        await record(
            StoredEvent(
                kind: kind, at: time.now, upstream: subject.mount.label,
                subject: subject.resource?.name ?? ""))
    }
}
