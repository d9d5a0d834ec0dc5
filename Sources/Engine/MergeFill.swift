internal import Backends
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Makes one document of those of other mounts, unless none of them has changed.
struct MergeFill: Sendable {
    /// Where a document says of which bytes of its members it was made; no field has this name.
    private static let membersField = ":members"
    /// The shortest lifetime in seconds, of a failure as well: a member that is late or down is stale
    /// all the time.
    private static let leastLifetime: Int64 = 5

    let engine: PullThroughEngine
    let fill: Fill
    let subject: Subject
    private let adapter: any MergingAdapter
    private let held: StoredResponse?
    private let isRepair: Bool

    init(
        engine: PullThroughEngine, fill: Fill, subject: Subject, adapter: any MergingAdapter,
        held: StoredResponse?, isRepair: Bool
    ) {
        self.engine = engine
        self.fill = fill
        self.subject = subject
        self.adapter = adapter
        self.isRepair = isRepair
        self.held = engine.latest(held, for: subject.key)
    }

    func run() async {
        await engine.drive(fill, for: subject.key) { () throws(FillFailure) in
            do throws(FillFailure) {
                try await work()
            } catch {
                remember(error)
                throw error
            }
        }
    }

    /// Keeps the next requests from a round of their own: no breaker does that for a merge.
    private func remember(_ failure: FillFailure) {
        let until = engine.time.now + Self.leastLifetime
        switch engine.index.find(subject.key) {
        case .stored(let indexed): indexed.rest(until: until)
        case .nothing, .negative:
            engine.index.put(.negative(failure, until: until), for: subject.key)
        // Perhaps it is stored, and only the database cannot tell.
        case .unknown: break
        }
    }

    private var name: String { subject.resource?.name ?? "" }

    private func work() async throws(FillFailure) {
        if try await update() { return }
        // A member's bytes were lost; now that this is known, it is fetched anew.
        guard try await update() else { throw .storeFailed }
    }

    /// Returns false where a member is known whose bytes are gone.
    private func update() async throws(FillFailure) -> Bool {
        // What is fresh is only asked for when a client wants it newer.
        let isRefresh = held.map { $0.remainingSeconds(at: engine.time.now) > 0 } ?? false
        let round = MemberRound(
            engine: engine, members: adapter.members(ofDocument: name), isRefresh: isRefresh)
        let members = try await round.run()
        let mark = Self.mark(members)
        let lifetime = max(Self.leastLifetime, members.map(\.remainingSeconds).min() ?? 0)
        if var held, !isRepair, held.headers[Self.membersField] == mark,
            held.hasFacts(by: adapter)
        {
            held.validatedAt = engine.time.now
            held.lifetimeSeconds = lifetime
            await engine.renew(held)
            return true
        }
        var headers = Headers([
            (DocumentFill.urlField, AbsoluteURL.Origin.nowhere.text), (Self.membersField, mark),
        ])
        StoredResponse.noteFacts(by: adapter, in: &headers)
        return try await engine.withDraft { draft throws(FillFailure) in
            guard let summary = try await merge(members, into: &draft) else { return false }
            guard let digest = draft.finish()?.blob else { throw .storeFailed }
            let document = ArrivedDocument(
                headers: headers, lifetimeSeconds: lifetime, notes: summary.notes)
            _ = try await engine.commit(&draft, as: digest, document, subject, held: held)
            return true
        }
    }

    /// The members with their bytes, in their order; short, and fit for a field's value.
    private static func mark(_ members: [MemberRound.Member]) -> String {
        let lines = members.map { "\($0.document.upstream.name) \($0.response?.body.hex ?? "-")\n" }
        return String(BlobDigest.of(Array(lines.joined().utf8)).hex.prefix(32))
    }

    /// Has the adapter merge the members, one at a time in memory.
    ///
    /// Nil where a member's bytes are gone.
    private func merge(
        _ members: [MemberRound.Member], into draft: inout BlobDraft
    ) async throws(FillFailure) -> DocumentSummary? {
        var merger = adapter.merger(ofDocument: name)
        for member in members {
            guard let response = member.response else { continue }
            guard let bytes = try await engine.bytes(of: response) else { return nil }
            var output: [UInt8] = []
            do throws(DocumentFault) {
                try merger.take(bytes, of: member.document, into: &output)
            } catch {
                let label = member.document.upstream.name
                engine.observer.documentRefused(label, fault: error.description)
                throw .memberMissing(upstream: label, .renderingFailed(error.description))
            }
            try await append(output, to: &draft)
        }
        var output: [UInt8] = []
        let summary: DocumentSummary
        do throws(DocumentFault) {
            summary = try merger.finish(into: &output)
        } catch {
            throw .renderingFailed(error.description)
        }
        try await append(output, to: &draft)
        return summary
    }

    private func append(
        _ bytes: [UInt8], to draft: inout BlobDraft
    ) async throws(FillFailure) {
        guard draft.byteCount + bytes.count <= engine.rules.documentByteLimit else {
            throw .tooLarge
        }
        try await draft.append(bytes)
    }
}

extension PullThroughEngine {
    /// What brings a document up to date: a fetch, or a merge of what it is made of.
    func job(
        of fill: Fill, _ subject: Subject, held: StoredResponse?, for purpose: FetchPurpose,
        turnBy end: UInt64? = nil
    ) -> FillRunner.Job {
        let hasTurns = stores.sharing?.leases != nil && subject.mount.merging == nil
        if !hasTurns { fill.noteAsking(overdueFrom: time.uptimeNanoseconds) }
        if let adapter = subject.mount.merging {
            let work = MergeFill(
                engine: self, fill: fill, subject: subject, adapter: adapter, held: held,
                isRepair: purpose == .repair)
            return { await work.run() }
        }
        guard hasTurns else {
            let work = DocumentFill(
                engine: self, fill: fill, subject: subject, held: held, purpose: purpose)
            return { await work.run() }
        }
        return {
            let turn = await self.turn(ofDocument: subject, held: held, for: purpose, by: end)
            if turn == .stored { return self.settle(fill, for: subject.key) }
            // The client has waited already, but not for the upstream.
            fill.noteAsking(
                overdueFrom: self.time.uptimeNanoseconds &+ self.rules.validationBudget / 2)
            // Begins with what is known now.
            let work = DocumentFill(
                engine: self, fill: fill, subject: subject, held: held, purpose: purpose)
            await work.run()
            await self.end(turn, of: subject.key)
        }
    }
}
