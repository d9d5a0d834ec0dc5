internal import Backends
package import HTTPModel
internal import Synchronization

/// Where tokens for Google Cloud come from.
package enum TokenSource: Sendable {
    case serviceAccount(ServiceAccount)
    /// The metadata server of the machine or of the pod (GKE Workload Identity).
    case metadata(AbsoluteURL)

    private static let variable = "GOOGLE_APPLICATION_CREDENTIALS"

    /// What the environment says, as Google's own clients choose.
    ///
    /// - Throws: A sentence on what is wrong with it, without any content of a file.
    package static func chosen(
        _ environment: [String: String], readFile: (String) -> [UInt8]?
    ) throws(BucketProblem) -> TokenSource {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let path = value(variable) {
            guard let file = readFile(path) else {
                throw BucketProblem("the file that \(variable) names cannot be read")
            }
            return .serviceAccount(try ServiceAccount(file))
        }
        let host = value("GCE_METADATA_HOST") ?? value("GCE_METADATA_ROOT")
        guard let url = AbsoluteURL("http://\(host ?? "metadata.google.internal")/") else {
            throw BucketProblem("GCE_METADATA_HOST is no host")
        }
        return .metadata(url)
    }
}

/// The token that requests carry now: fetched when there is none, renewed before its end.
final class GCSTokens: Sendable {
    private let source: TokenSource
    private let outside: BucketOutside
    private let held = Mutex<AccessToken?>(nil)
    private let flights = SingleFlight<Bool, AccessToken, ObjectFault>()

    init(_ source: TokenSource, _ outside: BucketOutside) {
        self.source = source
        self.outside = outside
    }

    /// A token that still holds; while the service for new ones fails, the old one until its end.
    func token() async throws(ObjectFault) -> AccessToken {
        guard let held = held.withLock({ $0 }) else { return try await renewed() }
        let now = outside.time.now
        switch RenewalRule.standing(from: held.begin, to: held.end, now: now) {
        case .good: return held
        case .ended: return try await renewed()
        case .ageing:
            do throws(ObjectFault) { return try await renewed() } catch { return held }
        }
    }

    /// Forgets a token that was refused, so that the next request fetches another.
    func drop(_ token: AccessToken) {
        held.withLock { if $0 == token { $0 = nil } }
    }

    private func renewed() async throws(ObjectFault) -> AccessToken {
        try await flights.run(true) { () throws(ObjectFault) in
            let token = try await fetched()
            held.withLock { $0 = token }
            return token
        }
    }

    private func fetched() async throws(ObjectFault) -> AccessToken {
        switch source {
        case .serviceAccount(let account):
            guard let assertion = account.assertion(at: outside.time.now) else {
                throw .credential("the service account's key cannot sign")
            }
            let request = ObjectRequest(
                .post, account.tokenURL,
                headers: Headers([("content-type", "application/x-www-form-urlencoded")]),
                body: ServiceAccount.form(assertion), limits: ObjectLimits.credential)
            let answer = try await outside.credentialAnswer(request, of: "the token service")
            return try known(answer.body, "the token service")
        case .metadata(let base):
            return try await fromMetadata(base)
        }
    }

    private func fromMetadata(_ base: AbsoluteURL) async throws(ObjectFault) -> AccessToken {
        let path = "/computeMetadata/v1/instance/service-accounts/default/token"
        guard let url = base.resolving(path) else {
            throw .credential("the metadata server has no URL")
        }
        var request = ObjectRequest(
            .get, url, headers: Headers([("metadata-flavor", "Google")]),
            limits: ObjectLimits.credential)
        request.isDirect = true
        let answer = try await outside.credentialAnswer(request, of: "the metadata server")
        // Anything else at this address is not the metadata server.
        guard answer.headers["metadata-flavor"] == "Google" else {
            throw .credential("the metadata server did not say that it is one")
        }
        return try known(answer.body, "the metadata server")
    }

    private func known(_ body: [UInt8], _ service: String) throws(ObjectFault) -> AccessToken {
        guard let token = CredentialAnswers.token(body, now: outside.time.now) else {
            throw .credential("\(service) sent no token")
        }
        return token
    }
}
