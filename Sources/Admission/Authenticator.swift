package import HTTPModel

/// Tells who asks; its methods are called on server threads, return at once and never block.
package protocol Authenticator: Sendable {
    /// Who a request with this field comes from; nil is a request without one.
    func identify(_ authorization: AuthorizationField?) -> Identification

    /// Somebody without a credential.
    var stranger: Principal { get }

    /// What is known of tokens may be another thing by now.
    func tokensChanged()
}

package enum Identification: Sendable, Hashable {
    case known(Principal)
    case refused(CredentialFault)
}

/// Why a credential lets nobody in.
package enum CredentialFault: String, Sendable, Hashable, CaseIterable {
    /// It is not of the form of our tokens.
    case malformed
    /// There is no such token, or not any more.
    case unknown
    /// There is one, with another secret.
    case wrong
    case expired
}

/// Lets everybody read everything; credentials are not looked at.
package struct OpenAccess: Authenticator {
    package init() {}

    package var stranger: Principal { .unrestricted }

    package func identify(_ authorization: AuthorizationField?) -> Identification {
        .known(.unrestricted)
    }

    package func tokensChanged() {}
}

/// What becomes of a request, by who asks and what its path belongs to.
///
/// Who may read a part of an ecosystem learns nothing of its other parts: a path in them is as one
/// that does not exist (rule A2 of the reliability study).
package enum EntryRefusal: Sendable, Hashable {
    /// 401: a credential is needed, or another one.
    case unauthenticated
    /// 403: the token is for other ecosystems than that of the path.
    case forbidden
    /// 404: as a path that leads nowhere.
    case absent

    /// Why a path is shut; its ecosystem is nil where it is none's.
    package init(_ principal: Principal, ecosystem: String?) {
        guard principal.client != nil || principal.readsAll else {
            self = .unauthenticated
            return
        }
        let isKnown = ecosystem.map { principal.knows(ecosystem: $0) } ?? true
        self = isKnown ? .absent : .forbidden
    }

    package var status: Int {
        switch self {
        case .unauthenticated: 401
        case .forbidden: 403
        case .absent: 404
        }
    }

    package var sentence: String {
        switch self {
        case .unauthenticated:
            "this server needs a valid token: as the password of any user name (Basic), or as Bearer."
        case .forbidden: "this token is not for packages of this kind."
        case .absent: "larder has no such path."
        }
    }
}
