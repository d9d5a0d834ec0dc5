import Admission
import Ecosystems
import Engine
import HTTPModel
import Metrics
import Pages
import Synchronization

/// The paths that are the server's own; everything else goes to the engine.
///
/// `/healthz` says that the process answers, `/readyz` that it wants traffic; neither ever asks an
/// upstream, since an upstream's outage is no reason to take a full cache out of service.
final class FrontDoor: Responder {
    private let engine: any Responder
    private let registry: MetricRegistry
    /// What a person should know now, a line each, on the front page; none when all is well.
    private let conditions: @Sendable () -> [String]
    private let draining = Atomic<Bool>(false)
    private let degradations = Mutex<(@Sendable () -> String?)?>(nil)
    /// What people look at; nil on the second address, which has no pages.
    private let pages: PageDesk?
    private let base: PublicBaseRule
    /// False on the second address, which serves these paths and no others.
    private let servesEngine: Bool
    private let access: DoorAccess

    init(
        engine: any Responder, registry: MetricRegistry, servesEngine: Bool = true,
        pages: PageDesk? = nil, base: PublicBaseRule = PublicBaseRule(),
        access: DoorAccess = DoorAccess(),
        conditions: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.access = access
        self.engine = engine
        self.conditions = conditions
        self.registry = registry
        self.servesEngine = servesEngine
        self.pages = pages
        self.base = base
    }

    /// Says what is out of order though the server works without it; nil when nothing is.
    var degradation: (@Sendable () -> String?)? {
        get { degradations.withLock { $0 } }
        set { degradations.withLock { $0 = newValue } }
    }

    /// From now on `/readyz` answers 503.
    func beginDrain() {
        draining.store(true, ordering: .relaxed)
    }

    func bodyLimit(for request: RequestHead) -> Int? {
        belongsToEngine(request) ? engine.bodyLimit(for: request) : nil
    }

    func answer(_ request: RequestHead, body: RequestBody) -> Answer {
        belongsToEngine(request)
            ? engine.answer(request, body: body)
            : answer(request, mayBegin: true)
    }

    func readmit(_ terms: ReplyTerms) -> Admitted? { engine.readmit(terms) }

    func word(_ refusal: Refusal, for request: RequestHead) -> Reply {
        belongsToEngine(request) ? engine.word(refusal, for: request) : refusal.reply(to: request)
    }

    func answer(_ request: RequestHead, mayBegin: Bool) -> Answer {
        let place = place(request)
        let path = OwnPath(request.target)
        let principal: Principal
        switch (path ?? place.map { _ in .front }).map({ access.permission(for: $0, request) }) {
        case nil: return forward(request, mayBegin)
        case .granted(let somebody): principal = somebody
        case .refused(let refusal): return .reply(shut(refusal))
        }
        if let place, principal.readsAll || place.isDecoration {
            return answer(request, place, mayBegin)
        }
        switch path {
        case .front:
            return page(request) {
                // They name upstreams, of which not everybody may know.
                let lines = (principal.readsAll ? conditions() : []).map { "\($0)\n" }.joined()
                return (200, Self.front + (lines.isEmpty ? "" : "\n\(lines)"))
            }
        case .healthz: return page(request) { (200, "ok\n") }
        case .readyz:
            return page(request) {
                guard !draining.load(ordering: .relaxed) else { return (503, "draining\n") }
                // Replicas share what is out of order: to take them all out would help nobody.
                return (200, degradation?().map { "ready, degraded: \($0)\n" } ?? "ready\n")
            }
        case .metrics:
            return page(request, contentType: MetricRegistry.contentType) {
                (200, registry.render())
            }
        // Pages name what is stored of all upstreams.
        case nil: return place == nil ? forward(request, mayBegin) : .reply(shut(.forbidden))
        }
    }

    /// The page that a request asks for; nil where it asks for something else, or wants no HTML.
    private func place(_ request: RequestHead) -> OwnPaths.Place? {
        guard pages != nil, let place = OwnPaths.place(request.target) else { return nil }
        return place == .front && !request.prefersHTML ? nil : place
    }

    private func answer(
        _ request: RequestHead, _ place: OwnPaths.Place, _ mayBegin: Bool
    ) -> Answer {
        guard request.method == .get || request.method == .head else {
            return page(request) { (405, "") }
        }
        switch place {
        case .stylesheet: return .reply(PageDesk.stylesheet)
        case .icon: return .reply(PageDesk.icon)
        case .nothing: return .reply(PageDesk.reply(PageReader.nothing))
        case .front, .search, .package:
            return pages?.answer(question(request, place)) ?? forward(request, mayBegin)
        }
    }

    private func question(_ request: RequestHead, _ place: OwnPaths.Place) -> PageDesk.Question {
        PageDesk.Question(place: place, base: base.base(of: request)?.text)
    }

    /// The server's own paths, which no mount can take, not even one at the root.
    enum OwnPath: String {
        case front = ""
        case healthz, readyz, metrics

        fileprivate init?(_ target: RequestTarget) {
            guard target.segments.count < 2 else { return nil }
            self.init(rawValue: target.segments.first?.text ?? "")
        }
    }

    private func belongsToEngine(_ request: RequestHead) -> Bool {
        servesEngine && OwnPath(request.target) == nil && place(request) == nil
    }

    func resume(
        _ pending: Pending, for request: RequestHead, after reason: ResumeReason
    ) -> Answer {
        if let place = place(request), let pages {
            return pages.resume(pending, for: question(request, place), after: reason)
        }
        return engine.resume(pending, for: request, after: reason)
    }

    func finished(_ request: RequestHead, _ outcome: RequestOutcome) {
        engine.finished(request, outcome)
    }

    private func forward(_ request: RequestHead, _ mayBegin: Bool) -> Answer {
        guard servesEngine else {
            return .reply(reply(404, "this address serves /healthz, /readyz and /metrics.\n"))
        }
        return engine.answer(request, mayBegin: mayBegin)
    }

    /// What those get who may not see a path of the server's own.
    private func shut(_ refusal: EntryRefusal) -> Reply {
        var refused = reply(refusal.status, "larder: \(refusal.sentence)\n")
        if refusal == .unauthenticated {
            let challenge = "WWW-Authenticate: Basic realm=\"larder\", charset=\"UTF-8\"\r\n"
            refused.fields += Array(challenge.utf8)
        }
        return refused
    }

    private func page(
        _ request: RequestHead, contentType: String = "text/plain; charset=utf-8",
        _ content: () -> (status: Int, body: String)
    ) -> Answer {
        guard request.method == .get || request.method == .head else {
            var refused = reply(405, "use GET or HEAD here.\n")
            refused.fields += Array("Allow: GET, HEAD\r\n".utf8)
            return .reply(refused)
        }
        let (status, body) = content()
        return .reply(reply(status, body, contentType: contentType))
    }

    private func reply(
        _ status: Int, _ body: String, contentType: String = "text/plain; charset=utf-8"
    ) -> Reply {
        let fields =
            "Content-Type: \(contentType)\r\nCache-Control: no-store\r\n"
            + "X-Content-Type-Options: nosniff\r\n"
        return Reply(
            status: status, fields: Array(fields.utf8), body: .bytes(Array(body.utf8)),
            record: RequestRecord())
    }

    private static let front =
        """
        Larder: a pull-through cache for package registries.

        pip:  pip install --index-url <this server>/pypi/simple/ PACKAGE
        uv:   uv pip install --default-index <this server>/pypi/simple/ PACKAGE
        npm:  npm install --registry <this server>/npm/ PACKAGE
        helm: helm repo add all <this server>/helm

        /healthz  /readyz  /metrics

        """
}
