internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Fetches or validates one document: checked while it arrives, stored raw with its facts.
struct DocumentFill: Sendable {
    /// Where the final URL of a document is kept among its headers; no field can have this name.
    static let urlField = ":url"
    /// Where the part of a rendering's recipe is kept that the raw bytes do not say.
    static let recipeField = ":recipe"
    /// What a document that has arrived says.
    struct Contents {
        let facts: [FileFact]
        let summary: DocumentSummary
        /// All of it, where entries of the older version may have to stay in it.
        let whole: UpstreamDocument?
    }

    private static let neededFields = ["content-type", "etag", "last-modified", "cache-control"]

    let engine: PullThroughEngine
    let fill: Fill
    let subject: Subject
    private let origin: DocumentOrigin
    private let purpose: FetchPurpose
    /// What is stored.
    let held: StoredResponse?
    /// What is stored if it is worth validating: facts by other rules have to be made anew.
    let validated: StoredResponse?
    private var isSecondTry = false

    init(
        engine: PullThroughEngine, fill: Fill, subject: Subject, held: StoredResponse?,
        purpose: FetchPurpose = .news
    ) {
        self.engine = engine
        self.purpose = purpose
        self.fill = fill
        self.subject = subject
        origin = subject.mount.adapter.origin(ofDocument: subject.resource?.name ?? "")
        let latest = engine.latest(held, for: subject.key)
        self.held = latest
        validated =
            purpose == .repair
            ? nil : latest.flatMap { $0.hasFacts(by: subject.mount.adapter) ? $0 : nil }
    }

    /// The upstream's fields that are stored.
    var keptFields: [String] {
        Self.neededFields + (origin.freshness == .upstream ? UpstreamFreshness.fields : [])
            + subject.mount.passedFields.map(\.stored)
    }

    func run() async {
        await engine.drive(fill, for: subject.key, work)
    }

    private var isHint: Bool { purpose == .hint }

    var health: String {
        origin.url.map { engine.healthLabel(subject.mount, $0) } ?? subject.mount.label
    }

    private func work() async throws(FillFailure) {
        let name = subject.resource?.name ?? ""
        guard let url = origin.url else { throw .notListed }
        var request = UpstreamRequest(
            url: url, accept: origin.accept, coding: .gzip, policy: subject.mount.policy,
            limits: TransferLimits(
                total: .seconds(120), bodyBytes: engine.rules.documentByteLimit))
        request.ifNoneMatch = validated?.headers["etag"]
        request.ifModifiedSince = validated?.headers["last-modified"]
        // With a copy at hand, the stale copy is the retry.
        let retry = held == nil && !isHint ? engine.rules.retry : RetryRule(tries: 1)
        let (response, meaning) = try await engine.fetch(
            request, subject, retry: retry, countsAnswers: !isHint)
        fill.noteAnswer(at: engine.time.uptimeNanoseconds)
        switch meaning {
        case .present: try await store(response, name)
        case .notModified: try await freshen(response)
        case .absent:
            response.body.cancel()
            try await withdraw(response.status)
        case .refused:
            response.body.cancel()
            throw .upstreamRefused(status: response.status)
        case .busy, .failed:
            response.body.cancel()
            throw .upstreamAnswered(status: response.status)
        }
    }

    // MARK: 200

    private func store(_ response: UpstreamResponse, _ name: String) async throws(FillFailure) {
        let headers = kept(response)
        if let validated, isUnchanged(validated, headers) { return try await freshen(response) }
        try await refuseKnown(response, headers)
        do throws(FillFailure) {
            try await store(response, name, headers)
        } catch {
            response.body.cancel()
            // It was the upstream that answered, and we that have no room for what it says.
            if case .tooLarge = error { engine.note(.success, for: health) }
            if case .storeFull = error { engine.note(.success, for: health) }
            throw error
        }
    }

    private func store(
        _ response: UpstreamResponse, _ name: String, _ headers: Headers
    ) async throws(FillFailure) {
        let head = DocumentHead(
            name: name, contentType: response.headers["content-type"], url: response.url,
            fields: headers)
        let arrival = try await engine.withDraft { draft throws(FillFailure) -> Arrival in
            guard let contents = try await receive(response, head, into: &draft) else {
                return .absent
            }
            return try await commit(&draft, headers, contents) ? .taken : .overtaken
        }
        engine.note(.success, for: health)
        switch arrival {
        case .taken: break
        case .absent: try await withdraw(response.status)
        case .overtaken: try await askAgain()
        }
    }

    /// What became of a body.
    private enum Arrival: Sendable {
        case taken, absent
        /// Another server has stored another version since this one was asked for.
        case overtaken
    }

    /// Asks once more, with what another server has stored meanwhile: which of the two is newer,
    /// nobody else knows (rule M4).
    private func askAgain() async throws(FillFailure) {
        guard !isSecondTry else { return }
        var next = DocumentFill(
            engine: engine, fill: fill, subject: subject, held: nil, purpose: purpose)
        next.isSecondTry = true
        try await next.work()
    }

    /// Whether a 200 brings what is stored already, under the same type and from the same place.
    ///
    /// Some registries answer a matching If-None-Match with 200 and the same tag; then nothing of
    /// the body needs to be read.
    private func isUnchanged(_ held: StoredResponse, _ headers: Headers) -> Bool {
        guard let tag = headers["etag"] else { return false }
        return tag == held.headers["etag"]
            && headers[Self.recipeField] == held.headers[Self.recipeField]
    }

    /// Passes the body on piece by piece: checked, hashed, staged.
    ///
    /// Returns what it says, or nil for a document that says that there is no such thing.
    private func receive(
        _ response: UpstreamResponse, _ head: DocumentHead, into draft: inout BlobDraft
    ) async throws(FillFailure) -> Contents? {
        defer {
            engine.observer.upstreamDelivered(subject.mount.label, byteCount: draft.byteCount)
        }
        var intake = subject.mount.adapter.intake(of: head)
        var whole: [UInt8]? = mayKeep ? [] : nil
        while let piece = try await next(response) {
            guard !piece.isEmpty else { continue }
            // Before anything of ours can take its time.
            fill.noteArrival(of: draft.byteCount + piece.count)
            guard draft.byteCount + piece.count <= engine.rules.documentByteLimit else {
                throw .tooLarge
            }
            do throws(DocumentFault) {
                try intake.take(piece)
            } catch {
                return try await refuse(error, response)
            }
            try await draft.append(piece)
            whole?.append(contentsOf: piece)
        }
        do throws(DocumentFault) {
            let facts = try intake.finish()
            let document = whole.map { UpstreamDocument(head, bytes: $0) }
            return Contents(facts: facts, summary: intake.summary, whole: document)
        } catch {
            return try await refuse(error, response)
        }
    }

    private func next(_ response: UpstreamResponse) async throws(FillFailure) -> [UInt8]? {
        do throws(UpstreamError) {
            return try await response.body.next()
        } catch {
            if error.showsOutage { engine.note(.failure, for: health) }
            throw FillFailure(error)
        }
    }

    /// Ends a body that is no document; returns nil when it is one that says that there is none.
    private func refuse(
        _ fault: DocumentFault, _ response: UpstreamResponse
    ) async throws(FillFailure) -> Contents? {
        response.body.cancel()
        if fault.meansAbsence { return nil }
        engine.observer.documentRefused(subject.mount.label, fault: fault.description)
        if !isHint {
            engine.note(.failure, for: health)
            if let failure = await holdBackInvalid(kept(response)) { throw failure }
        }
        throw .invalidAnswer(fault.description)
    }

    private func commit(
        _ draft: inout BlobDraft, _ headers: Headers, _ contents: Contents
    ) async throws(FillFailure) -> Bool {
        guard var digest = draft.finish()?.blob else { throw .storeFailed }
        if let validated, isSource(digest, of: validated, headers) {
            await draft.abandon()
            await freshen(validated, headers)
            return true
        }
        let marks = DocumentMarks(contents.summary)
        try await judge(marks, headers, digest)
        var headers = headers.noting(marks, contents.facts)
        var facts = contents.facts
        if let kept = try await keeping(contents) {
            headers.note(source: digest)
            digest = try await replace(&draft, with: kept.bytes)
            facts = kept.facts
        }
        let document = ArrivedDocument(
            headers: headers, lifetimeSeconds: lifetime(headers), facts: facts,
            notes: contents.summary.notes)
        let stored = try await engine.commit(&draft, as: digest, document, subject, held: held)
        guard let stored else { return false }
        await noteTakedown(stored)
        return true
    }

    private func kept(_ response: UpstreamResponse) -> Headers {
        var headers = Headers()
        for name in keptFields {
            if let value = response.headers.combined(name) { headers.replace(name, value) }
        }
        let url = response.url.description
        headers.append(Self.urlField, url)
        // The same bytes under another type or base are another page.
        let frame = "\(headers["content-type"] ?? "") \(url)"
        headers.append(Self.recipeField, String(BlobDigest.of(Array(frame.utf8)).hex.prefix(16)))
        StoredResponse.noteFacts(by: subject.mount.adapter, in: &headers)
        return headers
    }

    func lifetime(_ headers: Headers) -> Int64 {
        switch origin.freshness {
        case .seconds(let seconds): return seconds
        case .upstream:
            return UpstreamFreshness.remainingSeconds(headers, receivedAt: engine.time.now)
        case nil:
            let control = CacheControl(headers["cache-control"] ?? "")
            return subject.mount.freshness.lifetimeSeconds(control)
        }
    }
}
