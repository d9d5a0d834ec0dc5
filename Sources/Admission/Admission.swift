package import Digests
package import Policy
package import Resources

/// The proof that policy, pin and authorisation were asked for one answer.
///
/// The server sends a stored body only with one, and only ``Admission/admit`` makes one, so that
/// a serving path that forgot to ask does not compile (rule G1 of the reliability study).
package struct Admitted: Sendable, Hashable {
    fileprivate init() {}
}

/// Why an answer is not admitted; one sentence for the client.
package struct AdmissionRefusal: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case pinConflict = "pin-conflict"
        case withdrawn
        /// The upstream is none of those that the client may read.
        case outOfScope = "out-of-scope"
        case policy
    }

    package let reason: Reason
    /// What the policy says, where that is the reason.
    package private(set) var policy: PolicyRefusal?

    init(reason: Reason) {
        self.reason = reason
    }

    init(policy: PolicyRefusal) {
        reason = .policy
        self.policy = policy
    }

    package var sentence: String {
        switch reason {
        case .pinConflict:
            "this file's bytes differ from those first seen under its name; larder refuses them"
        case .withdrawn:
            "its index has withdrawn this project; larder refuses it"
        case .outOfScope: EntryRefusal.absent.sentence
        case .policy: policy?.sentence ?? "refused by policy"
        }
    }
}

/// How the index speaks of a file's project now.
package enum ProjectStanding: Sendable, Hashable {
    case listed
    /// Taken away while it was young, which is how takedowns of malware look, or said to be taken
    /// down by a document that does not name the file any more.
    case withdrawn
}

/// The one function that decides for every path that serves bytes: GET, HEAD, range, conditional,
/// stale, memory, other replica.
package struct Admission: Sendable, Hashable {
    package init() {}

    /// Decides about one answer; pure, and called on the hit path.
    ///
    /// The body is the digest of what would be sent; nil while it is still streaming, in which case
    /// the fill asks again with the digest before it lets the tail go. The pin is the digest with
    /// which this artifact was first seen, if it was; where it does not bind, other bytes are the
    /// operator's decision, and the caller tells of them.
    package func admit(
        _ principal: Principal, _ resource: Resource, of upstream: UpstreamIdentity,
        policy verdict: PolicyVerdict, body: BlobDigest? = nil, pin: BlobDigest? = nil,
        isPinBinding: Bool = true, standing: ProjectStanding = .listed
    ) -> Result<Admitted, AdmissionRefusal> {
        guard principal.mayRead(upstream) else {
            return .failure(AdmissionRefusal(reason: .outOfScope))
        }
        if case .refused(let refusal) = verdict {
            return .failure(AdmissionRefusal(policy: refusal))
        }
        guard standing == .listed else {
            return .failure(AdmissionRefusal(reason: .withdrawn))
        }
        if isPinBinding, resource.kind == .artifact, let body, let pin, body != pin {
            return .failure(AdmissionRefusal(reason: .pinConflict))
        }
        return .success(Admitted())
    }
}
