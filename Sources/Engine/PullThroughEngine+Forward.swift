internal import Admission
internal import Backends
internal import CacheRules
internal import Ecosystems
package import HTTPModel

extension PullThroughEngine {
    package func bodyLimit(for request: RequestHead) -> Int? {
        // A body that may not come in is not read either.
        guard request.method == .post,
            case .known(let principal) = authenticator.identify(request.authorization),
            let mount = mount(for: request.target, principal),
            case .forward(let origin) = mount.adapter.route(
                request, base: rules.base.base(of: request))
        else { return nil }
        return origin.requestLimit
    }

    package func answer(_ request: RequestHead, body: RequestBody) -> Answer {
        var inquiry = Inquiry(request: request)
        inquiry.body = body
        return answer(inquiry)
    }

    /// Sends a client's body on, or answers with what came of that.
    func forward(_ origin: ForwardOrigin, _ inquiry: Inquiry, _ mount: Mount) -> Answer {
        let subject = Subject(mount: mount)
        var asking = inquiry
        asking.memory.status = CacheStatus(forward: .method)
        if let failure = inquiry.memory.failure { return failed(failure, asking, subject) }
        if let forwarding = inquiry.memory.forwarding {
            return .reply(outcome(of: forwarding, asking, subject))
        }
        guard let body = inquiry.body else {
            return .reply(
                Replies.refusal(411, "this path wants a body.", for: inquiry.request, mount))
        }
        // Nobody waits for an upstream that is known to be down. The probe is left to documents,
        // whose clients have an answer meanwhile.
        let label = healthLabel(mount, origin.url)
        guard !health.isDown(label, at: time.uptimeNanoseconds) else {
            return failed(.upstreamUnreachable, asking, subject)
        }
        guard let fill = forwards.start() else { return failed(.busy, asking, subject) }
        let forwarding = Forwarding()
        asking.memory.forwarding = forwarding
        let work = ForwardFill(
            engine: self, fill: fill, origin: origin, subject: subject, request: inquiry.request,
            body: body, forwarding: forwarding)
        runner.start(for: fill) { await work.run() }
        return waiting(for: fill, asking)
    }

    private func outcome(
        of forwarding: Forwarding, _ inquiry: Inquiry, _ subject: Subject
    ) -> Reply {
        switch forwarding.outcome {
        case .answered(let answer):
            return Replies.forwarded(answer, inquiry, subject)
        case .refused(let status, let sentence):
            return Replies.refusal(status, sentence, for: inquiry.request, subject.mount)
        case nil:
            return Replies.failure(.abandoned, inquiry, subject)
        }
    }

    // MARK: Errors of the server

    package func word(_ refusal: Refusal, for request: RequestHead) -> Reply {
        guard let mount = mount(for: request.target) else { return refusal.reply(to: request) }
        var reply = Replies.refusal(refusal, for: request, mount)
        reply.fields += mount.extraFields
        return reply
    }
}
