internal import Admission
internal import Ecosystems
internal import HTTPModel
internal import Resources

extension PullThroughEngine {
    /// Routes an inquiry and answers it as far as that is possible without waiting.
    func answer(_ inquiry: Inquiry) -> Answer {
        let request = inquiry.request
        let principal: Principal
        switch authenticator.identify(request.authorization) {
        case .known(let somebody): principal = somebody
        case .refused(let fault):
            observer.authenticationFailed(fault)
            return .reply(shut(.unauthenticated, request))
        }
        guard let mount = mount(for: request.target, principal) else {
            let ecosystem = owner(of: request.target)?.adapter.identity.ecosystem
            return .reply(shut(EntryRefusal(principal, ecosystem: ecosystem), request))
        }
        var known = inquiry
        known.principal = principal
        var answer = answer(known, mount)
        if principal.client != nil { answer.record(client: principal.client) }
        guard !mount.extraFields.isEmpty, case .reply(var reply) = answer else { return answer }
        reply.fields += mount.extraFields
        return .reply(reply)
    }

    /// The first mount that claims a target, of those that somebody may read: to others a mount is
    /// as one that does not exist.
    func mount(for target: RequestTarget, _ principal: Principal = .unrestricted) -> Mount? {
        mounts.first { $0.holds(target) && principal.mayRead($0.adapter.identity) }
    }

    /// A mount of the ecosystem that a target belongs to, whether it is there or not.
    private func owner(of target: RequestTarget) -> Mount? {
        mount(for: target)
            ?? mounts.first { !$0.path.isEmpty && $0.path[0] == target.segments.first?.text }
    }

    /// What those get who may not enter; it does not tell what is behind the door.
    private func shut(_ refusal: EntryRefusal, _ request: RequestHead) -> Reply {
        Replies.shut(refusal, for: request, owner(of: request.target)?.errorForm ?? .plain)
    }

    private func answer(_ inquiry: Inquiry, _ mount: Mount) -> Answer {
        let request = inquiry.request
        if request.method == .options, mount.optionsFields != nil {
            return .reply(Replies.options(mount))
        }
        guard inquiry.rounds <= Inquiry.roundLimit else {
            return failed(.storeFailed, inquiry, Subject(mount: mount))
        }
        let route = mount.adapter.route(request, base: rules.base.base(of: request))
        guard request.method == .get || request.method == .head else {
            return write(route, inquiry, mount)
        }
        switch route {
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
            return .reply(Replies.methodNotAllowed(for: request, mount, allowed: "POST"))
        case .refused(let refusal):
            let reason =
                inquiry.principal.readsAll
                ? refusal.reason : refusal.discreetReason ?? refusal.reason
            return .reply(Replies.refusal(refusal.status, reason, for: request, mount))
        }
    }

    /// Answers a method that is for writing, which a route allows where it forwards.
    private func write(_ route: Route, _ inquiry: Inquiry, _ mount: Mount) -> Answer {
        let request = inquiry.request
        switch route {
        case .forward(let origin) where request.method == .post:
            return forward(origin, inquiry, mount)
        case .forward:
            return .reply(Replies.methodNotAllowed(for: request, mount, allowed: "POST"))
        case .refused(let refusal) where refusal.isForAllMethods:
            return .reply(Replies.refusal(refusal.status, refusal.reason, for: request, mount))
        case .document, .artifact, .redirect, .here, .refused:
            return .reply(Replies.methodNotAllowed(for: request, mount))
        }
    }
}
