import Digests
import HTTPModel
import Synchronization

/// A registry of charts that gives nothing without a token, and keeps its layers elsewhere.
///
/// Its realm is its own; a token is for one repository. Layers are behind a redirect to another
/// origin that refuses credentials, as object stores do.
package final class RegistryStub: Sendable {
    private struct State {
        /// The scope of each token.
        var tokens: [String: String] = [:]
        var tokenCount = 0
    }

    /// Manifests, the realm at `/token`, and redirects.
    package let origin: OriginStub
    /// Where the layers are.
    package let store: OriginStub
    private let state = Mutex(State())

    package init() throws {
        origin = try OriginStub()
        store = try OriginStub()
        origin.route("/token") { [weak self] request, _ in
            self?.token(request) ?? OriginAnswer(503)
        }
    }

    /// Host and port, as they stand in an `oci://` URL.
    package var authority: String { "127.0.0.1:\(origin.port)" }

    /// Publishes a chart of one layer.
    package func publish(_ repository: String, tag: String, chart: [UInt8]) {
        let digest = "sha256:" + BlobDigest.of(chart).hex
        let manifest = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"\(digest)"},
            "layers":[{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "digest":"\(digest)","size":\(chart.count)}]}
            """
        guarded("/v2/\(repository)/manifests/\(tag)", of: repository) {
            .text(manifest, type: "application/vnd.oci.image.manifest.v1+json")
        }
        guarded("/v2/\(repository)/blobs/\(digest)", of: repository) { [base = store.base] in
            .redirect(307, to: "\(base)/layers/\(digest)?signature=s3cret")
        }
        store.route("/layers/\(digest)") { request, _ in
            let isSigned = request.target.hasSuffix("?signature=s3cret")
            guard isSigned, request.headers["authorization"] == nil else {
                return OriginAnswer(400)
            }
            return .bytes(chart)
        }
    }

    /// Ends all tokens that were given.
    package func revoke() { state.withLock { $0.tokens = [:] } }

    package func stop() {
        origin.stop()
        store.stop()
    }

    private func guarded(
        _ path: String, of repository: String, _ answer: @escaping @Sendable () -> OriginAnswer
    ) {
        origin.route(path) { [weak self] request, _ in
            guard let self else { return OriginAnswer(503) }
            let scope = "repository:\(repository):pull"
            return isAllowed(request, scope) ? answer() : challenge(scope)
        }
    }

    private func isAllowed(_ request: OriginRequest, _ scope: String) -> Bool {
        guard let shown = request.headers["authorization"], shown.hasPrefix("Bearer ") else {
            return false
        }
        return state.withLock { $0.tokens[String(shown.dropFirst(7))] } == scope
    }

    private func challenge(_ scope: String) -> OriginAnswer {
        let field =
            "Bearer realm=\"\(origin.base)/token\",service=\"stub\",scope=\"\(scope)\""
        return OriginAnswer(401, fields: [("WWW-Authenticate", field)])
    }

    private func token(_ request: OriginRequest) -> OriginAnswer {
        let query = request.target.drop { $0 != "?" }.dropFirst()
        let parameters = query.split(separator: "&").map {
            $0.split(separator: "=", maxSplits: 1).map(String.init)
        }
        let isKnown = parameters.contains(["service", "stub"])
        guard isKnown, let scope = parameters.first(where: { $0.first == "scope" })?.last else {
            return OriginAnswer(400)
        }
        let token = state.withLock { state in
            state.tokenCount += 1
            let token = "t0ken-\(state.tokenCount)"
            state.tokens[token] = scope
            return token
        }
        return .text("{\"token\":\"\(token)\",\"expires_in\":300}", type: "application/json")
    }
}
