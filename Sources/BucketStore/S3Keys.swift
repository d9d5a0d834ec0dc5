internal import Backends
internal import HTTPModel
internal import Synchronization

/// The key with which requests are signed now: fetched when there is none, renewed before its end.
final class S3Keys: Sendable {
    private struct Held {
        let key: AccessKey
        let since: Int64
    }

    private let source: CredentialSource
    private let outside: BucketOutside
    private let held = Mutex<Held?>(nil)
    private let flights = SingleFlight<Bool, AccessKey, ObjectFault>()

    init(_ source: CredentialSource, _ outside: BucketOutside) {
        self.source = source
        self.outside = outside
    }

    /// A key that still holds; while a service for new ones fails, the old one until its end.
    func key() async throws(ObjectFault) -> AccessKey {
        if case .fixed(let key) = source { return key }
        let now = outside.time.now
        guard let held = held.withLock({ $0 }) else { return try await renewed() }
        switch RenewalRule.standing(from: held.since, to: held.key.expiresAt, now: now) {
        case .good: return held.key
        case .ended: return try await renewed()
        case .ageing:
            do throws(ObjectFault) { return try await renewed() } catch { return held.key }
        }
    }

    /// Forgets a key that was refused, so that the next request fetches another.
    ///
    /// - Returns: Whether another one may come.
    func drop(_ key: AccessKey) -> Bool {
        if case .fixed = source { return false }
        held.withLock { if $0?.key == key { $0 = nil } }
        return true
    }

    private func renewed() async throws(ObjectFault) -> AccessKey {
        try await flights.run(true) { () throws(ObjectFault) in
            let key = try await fetched()
            let now = outside.time.now
            held.withLock { $0 = Held(key: key, since: now) }
            return key
        }
    }

    private func fetched() async throws(ObjectFault) -> AccessKey {
        switch source {
        case .fixed(let key): return key
        case .webIdentity(let role, let tokenFile, let session, let service):
            return try await assumed(role, tokenFile, session, service)
        case .container(let url, let authorization):
            return try await fromAgent(url, authorization)
        case .instance(let base):
            return try await fromInstance(base)
        }
    }

    private func assumed(
        _ role: String, _ tokenFile: String, _ session: String, _ service: AbsoluteURL
    ) async throws(ObjectFault) -> AccessKey {
        let form: [QueryItem] = [
            QueryItem("Action", "AssumeRoleWithWebIdentity"), QueryItem("Version", "2011-06-15"),
            QueryItem("RoleArn", role), QueryItem("RoleSessionName", session),
            // The kubelet writes a new one now and then.
            QueryItem("WebIdentityToken", try token(in: tokenFile)),
        ]
        let request = ObjectRequest(
            .post, service,
            headers: Headers([("content-type", "application/x-www-form-urlencoded")]),
            body: Array(form.canonicalText.utf8), limits: ObjectLimits.credential)
        let answer = try await outside.credentialAnswer(request, of: "the token service")
        return try known(CredentialAnswers.webIdentity(answer.body), "the token service")
    }

    private func fromAgent(
        _ url: AbsoluteURL, _ authorization: CredentialSource.Authorization
    ) async throws(ObjectFault) -> AccessKey {
        var headers = Headers([("accept", "application/json")])
        switch authorization {
        case .none: break
        case .fixed(let hidden): headers.append("authorization", hidden.text)
        case .file(let path): headers.append("authorization", try token(in: path))
        }
        var request = ObjectRequest(.get, url, headers: headers, limits: ObjectLimits.credential)
        request.isDirect = true
        let answer = try await outside.credentialAnswer(request, of: "the credential agent")
        return try known(CredentialAnswers.keyDocument(answer.body), "the credential agent")
    }

    /// IMDSv2: a session's token first, then the name of the machine's role, then its key.
    private func fromInstance(_ base: AbsoluteURL) async throws(ObjectFault) -> AccessKey {
        let session = try await ask(
            base, .put, "latest/api/token", ("x-aws-ec2-metadata-token-ttl-seconds", "300"))
        let field = ("x-aws-ec2-metadata-token", session)
        let folder = "latest/meta-data/iam/security-credentials/"
        let roles = try await ask(base, .get, folder, field)
        guard let role = roles.split(whereSeparator: \.isNewline).first.map(String.init),
            role.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || "+=,@".utf8.contains($0) })
        else { throw .credential("this machine has no role") }
        let document = try await ask(base, .get, folder + role, field)
        return try known(CredentialAnswers.keyDocument(Array(document.utf8)), Self.metadata)
    }

    private static let metadata = "the metadata service"

    private func ask(
        _ base: AbsoluteURL, _ method: ObjectRequest.Method, _ path: String,
        _ field: (name: String, value: String)
    ) async throws(ObjectFault) -> String {
        guard let url = base.resolving("/" + path) else {
            throw .credential("the metadata service has no URL")
        }
        var request = ObjectRequest(
            method, url, headers: Headers([field]), limits: ObjectLimits.credential)
        request.isDirect = true
        let answer = try await outside.credentialAnswer(request, of: Self.metadata)
        guard let text = String(validating: answer.body, as: UTF8.self) else {
            throw .credential("\(Self.metadata) sent no text")
        }
        return text
    }

    private func token(in file: String) throws(ObjectFault) -> String {
        guard let bytes = outside.readFile(file),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .credential("the token's file cannot be read") }
        return String(text.trimmingWhitespace.filter { !$0.isNewline })
    }

    private func known(_ key: AccessKey?, _ service: String) throws(ObjectFault) -> AccessKey {
        guard let key else { throw .credential("\(service) sent no key") }
        return key
    }
}
