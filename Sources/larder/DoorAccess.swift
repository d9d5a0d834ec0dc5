import Admission
import Configuration
import HTTPModel

/// Who may see the server's own paths.
///
/// Health is for everybody, since what asks for it has no credentials; the front page is for whoever
/// has a token; metrics, which name all upstreams, are for those who may read everything, or have
/// the scope for them.
struct DoorAccess: Sendable {
    private let authenticator: any Authenticator
    private let opensMetrics: Bool
    private let failed: @Sendable (CredentialFault) -> Void

    /// Lets everybody see everything.
    init() {
        self.init(OpenAccess(), opensMetrics: true) { _ in }
    }

    init(
        _ authenticator: any Authenticator, opensMetrics: Bool,
        failed: @escaping @Sendable (CredentialFault) -> Void
    ) {
        self.authenticator = authenticator
        self.opensMetrics = opensMetrics
        self.failed = failed
    }

    enum Permission {
        case granted(Principal)
        case refused(EntryRefusal)
    }

    func permission(for path: FrontDoor.OwnPath, _ request: RequestHead) -> Permission {
        switch path {
        case .healthz, .readyz: return .granted(.nobody)
        case .metrics where opensMetrics: return .granted(.nobody)
        case .front, .metrics: break
        }
        let principal: Principal
        switch authenticator.identify(request.authorization) {
        case .known(let somebody): principal = somebody
        case .refused(let fault):
            failed(fault)
            return .refused(.unauthenticated)
        }
        guard principal.client != nil || principal.readsAll else {
            return .refused(.unauthenticated)
        }
        if path == .metrics, !principal.mayReadMetrics { return .refused(.forbidden) }
        return .granted(principal)
    }
}
