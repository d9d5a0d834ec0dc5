internal import Ecosystems
internal import HTTPModel
internal import Resources

extension PullThroughEngine {
    /// Routes an inquiry and answers it as far as that is possible without waiting.
    func answer(_ inquiry: Inquiry) -> Answer {
        let request = inquiry.request
        guard let mount = mounts.first(where: { $0.holds(request.target) }) else {
            return .reply(Replies.refusal(404, "larder has no such path.", for: request))
        }
        let answer = answer(inquiry, mount)
        guard !mount.extraFields.isEmpty, case .reply(var reply) = answer else { return answer }
        reply.fields += mount.extraFields
        return .reply(reply)
    }

    private func answer(_ inquiry: Inquiry, _ mount: Mount) -> Answer {
        let request = inquiry.request
        switch request.method {
        case .get, .head: break
        case .options where mount.optionsFields != nil: return .reply(Replies.options(mount))
        case .options, .post, .other: return .reply(Replies.methodNotAllowed(for: request, mount))
        }
        guard inquiry.rounds <= Inquiry.roundLimit else {
            return failed(.storeFailed, inquiry, Subject(mount: mount))
        }
        switch mount.adapter.route(request, base: inquiry.memory.base) {
        case .document(let name, let variant, let isStorable):
            let wish = DocumentWish(variant: variant, isStorable: isStorable)
            return document(name, wish, inquiry, mount)
        case .artifact(let name, let document, let hint):
            let source = FactSource(document: document, hint: hint)
            return artifact(name, from: source, inquiry, mount)
        case .redirect(let location, let permanence):
            return .reply(Replies.redirect(to: location, permanence, for: request, mount))
        case .here(let response):
            return .reply(Replies.here(response, mount))
        case .forward:
            return .reply(Replies.methodNotAllowed(for: request, mount))
        case .refused(let refusal):
            return .reply(Replies.refusal(refusal.status, refusal.reason, for: request))
        }
    }
}
