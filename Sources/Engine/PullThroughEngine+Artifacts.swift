internal import Admission
internal import Backends
internal import CacheRules
internal import Ecosystems
internal import Policy
internal import Resources

/// How files are answered: from the store, or while they come.
extension PullThroughEngine {
    func artifact(
        _ name: String, from source: FactSource, _ inquiry: Inquiry, _ mount: Mount
    ) -> Answer {
        let page = Subject(mount: mount, resource: .document(source.document)).key
        let knowledge = index.find(page)
        if case .unknown = knowledge, !inquiry.memory.isLookupBroken {
            return lookup(page, inquiry)
        }
        let subject: Subject
        switch judge(artifact: name, from: source, by: knowledge, inquiry, mount) {
        case .judged(let judged): subject = judged
        case .waiting(let answer): return answer
        }
        if let refusal = subject.verdict?.refusal { return refused(refusal, inquiry, subject) }
        let standing = standing(of: name, by: knowledge)
        let verdict = admission.admit(
            inquiry.principal, .artifact(name), of: mount.adapter.identity, policy: .allowed,
            standing: standing)
        if case .failure = verdict {
            return withheld(source.document, inquiry, subject)
        }
        if let fill = inquiry.fill, case .streaming(let head) = fill.phase, fill.canBeJoined {
            return .reply(
                Replies.streaming(fill, head, inquiry, subject, admission: admission))
        }
        switch index.find(subject.key) {
        case .unknown where !inquiry.memory.isLookupBroken:
            return lookup(subject.key, inquiry)
        case .negative(let failure, let until) where time.now < until:
            return negative(failure, inquiry, subject)
        case .unknown, .nothing, .negative:
            if let failure = inquiry.memory.failure { return failed(failure, inquiry, subject) }
            return fetchArtifact(inquiry, subject, from: source)
        case .stored(let indexed):
            let answer = stored(indexed, inquiry, subject, from: source)
            guard case .reply(let reply) = answer, case .stored(let page) = knowledge,
                inquiry.rounds == 0
            else { return answer }
            return .reply(
                reply.repeated(
                    of: subject, for: inquiry.principal, by: page, sending: indexed, at: time.now))
        }
    }

    private func stored(
        _ indexed: IndexedResponse, _ inquiry: Inquiry, _ subject: Subject, from source: FactSource
    ) -> Answer {
        switch find(indexed.response.body) {
        case .ready(let file):
            indexed.use(at: time.now)
            return .reply(
                Replies.artifact(
                    indexed.response, file, inquiry, subject, admission: admission,
                    isDown: health.isDownSomewhere(subject.mount.label)))
        case .unverified where !inquiry.memory.isLookupBroken,
            .elsewhere where !inquiry.memory.isLookupBroken:
            return verify(indexed.response, inquiry)
        case .absent:
            // The database says that it should be there, and it is not: a miss and a repair, never
            // an error (rule I8).
            index.put(.nothing, for: subject.key)
            return fetchArtifact(inquiry, subject, from: source)
        case .elsewhere, .unverified:
            // Our own store could not tell: the next request has to ask it again, or it would take
            // the place of one that may pass.
            index.forget(subject.key)
            return fetchArtifact(inquiry, subject, from: source)
        case .failed(let error):
            // It cannot be read, which may pass: fetched as if it were not stored, and its row stays.
            observer.storeFailed(error)
            if error.isShortOfDescriptors { return failed(.storeFailed, inquiry, subject) }
            if let failure = inquiry.memory.failure { return failed(failure, inquiry, subject) }
            return fetchArtifact(inquiry, subject, from: source)
        }
    }

    private func fetchArtifact(
        _ inquiry: Inquiry, _ subject: Subject, from source: FactSource
    ) -> Answer {
        var status = CacheStatus(forward: .uriMiss)
        status.isStored = true
        switch files.join(subject.key, mayBegin: inquiry.mayBegin) {
        case .full: return failed(.busy, inquiry, subject)
        case .follower(let fill) where !fill.canBeJoined:
            // A relay whose first bytes are gone: whoever comes now gets a fetch of their own.
            files.detach(fill, for: subject.key)
            return fetchArtifact(inquiry, subject, from: source)
        case .follower(let fill):
            observer.requestCollapsed()
            status.isCollapsed = true
            var joined = inquiry
            joined.memory.status = status
            if case .streaming(let head) = fill.phase {
                return .reply(Replies.streaming(fill, head, joined, subject, admission: admission))
            }
            return waiting(for: fill, joined)
        case .leader(let fill):
            let work = ArtifactFill(
                engine: self, fill: fill, subject: subject, source: source)
            let isStarted = start(
                { await work.runInTurn() }, for: fill, isPassing: inquiry.memory.isLookupBroken
            ) {
                files.remove(fill, for: subject.key)
                fill.fail(.busy)
            }
            guard isStarted else { return failed(.busy, inquiry, subject) }
            var leading = inquiry
            leading.memory.status = status
            return waiting(for: fill, leading)
        }
    }
}
