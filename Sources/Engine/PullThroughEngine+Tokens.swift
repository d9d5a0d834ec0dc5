internal import Backends
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Fetching from registries that want a token first.
///
/// Source: CNCF distribution, "Token Authentication Specification"; RFC 6750.
extension PullThroughEngine {
    /// Asks as ``fetch(_:_:retry:countsAnswers:)`` does, with a token where the server wants one.
    ///
    /// A token that is refused is asked for anew once. `request` is left as it was answered.
    func fetch(
        _ request: inout UpstreamRequest, _ subject: Subject, in scope: TokenScope?
    ) async throws(FillFailure) -> (response: UpstreamResponse, meaning: UpstreamMeaning) {
        guard let scope else { return try await fetch(request, subject, retry: rules.retry) }
        let key = AccessTokens.Key(upstream: subject.mount.adapter.identity, scope: scope)
        request.token = tokens.find(key, but: nil, at: time.uptimeNanoseconds)
        let first = try await fetch(request, subject, retry: rules.retry)
        guard let token = try await token(after: first.response, to: request, subject.mount, key)
        else { return first }
        request.token = token
        return try await fetch(request, subject, retry: rules.retry)
    }

    /// The token that an answer to a request wants, which ends that answer; nil when it wants none.
    func token(
        after response: UpstreamResponse, to request: UpstreamRequest, _ mount: Mount,
        _ key: AccessTokens.Key
    ) async throws(FillFailure) -> OriginToken? {
        // Only the registry itself may ask for a token to it, and no host that it redirects to.
        guard response.status == 401, response.url.origin == key.scope.origin,
            let challenge = response.headers.combined("www-authenticate"),
            let url = mount.adapter.pointers?.tokenURL(
                after: challenge, for: key.scope, isListed: mount.policy.isListed)
        else { return nil }
        response.body.cancel()
        let question = TokenQuestion(
            engine: self, mount: mount, key: key, url: url, refused: request.token)
        guard let token = try await question.answer() else {
            throw .upstreamRefused(status: response.status)
        }
        return token
    }

    /// The bytes of a short body; what is longer ends it.
    func bytes(
        of response: UpstreamResponse, limit: Int, _ label: String
    ) async throws(UpstreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        defer { observer.upstreamDelivered(label, byteCount: bytes.count) }
        while let piece = try await response.body.next() {
            guard bytes.count + piece.count <= limit else {
                response.body.cancel()
                throw .tooLarge
            }
            bytes += piece
        }
        return bytes
    }
}
