package import Admission
internal import Backends
internal import Ecosystems
internal import Policy
internal import Resources

/// On what a reply may be given again to the very same request, without asking for it anew.
///
/// Only fresh hits have some. They hold within one second of the clock, and not beyond a change of
/// anything that the reply was made from, so that asking again would have said the same. Whoever adds
/// something to a reply that is another one for the same head must take the terms away.
package struct ReplyTerms: Sendable {
    let second: Int64
    /// The document itself, or the one that speaks of the file's project.
    let document: IndexedResponse
    /// What is sent: a rendering, or a file.
    let sent: IndexedResponse
    let resource: Resource
    let principal: Principal
    let upstream: UpstreamIdentity
    /// Whether the use of the document counts as well.
    let usesDocument: Bool
}

extension PullThroughEngine {
    package func readmit(_ terms: ReplyTerms) -> Admitted? {
        let now = time.now
        guard now == terms.second, terms.document.isCurrent, terms.sent.isCurrent,
            !health.isDownAnywhere, !policy.isActive
        else { return nil }
        let body = terms.sent.response.body
        let verdict = admission.admit(
            terms.principal, terms.resource, of: terms.upstream, policy: .allowed, body: body)
        guard case .success(let proof) = verdict else { return nil }
        if terms.usesDocument { terms.document.use(at: now) }
        terms.sent.use(at: now)
        return proof
    }
}

extension Reply {
    /// With terms, when this is a document's fresh hit.
    func repeated(
        _ delivery: Delivery, for principal: Principal, sending rendering: IndexedResponse
    ) -> Reply {
        guard let document = delivery.repeated else { return self }
        return with(
            ReplyTerms(
                second: delivery.now, document: document, sent: rendering,
                resource: delivery.subject.resource ?? .document(""), principal: principal,
                upstream: delivery.subject.mount.adapter.identity, usesDocument: true))
    }

    /// With terms, when this is a stored file, whose project its page does not take down.
    func repeated(
        of subject: Subject, for principal: Principal, by page: IndexedResponse,
        sending file: IndexedResponse, at second: Int64
    ) -> Reply {
        guard let resource = subject.resource, !page.isTakedown, !page.response.isRefused else {
            return self
        }
        return with(
            ReplyTerms(
                second: second, document: page, sent: file, resource: resource,
                principal: principal, upstream: subject.mount.adapter.identity,
                usesDocument: false))
    }

    /// Only what is sent from a file, or a 304, and not while something is out of order.
    private func with(_ terms: ReplyTerms) -> Reply {
        guard !record.isDuringOutage else { return self }
        switch (status, body) {
        case (304, .head), (200, .file), (206, .file): break
        default: return self
        }
        var reply = self
        reply.terms = terms
        reply.record.notes = RecordNotes()
        return reply
    }
}
