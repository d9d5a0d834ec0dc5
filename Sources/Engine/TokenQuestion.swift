internal import Backends
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// One question for a token: whoever wants the same one waits for the same answer.
struct TokenQuestion: Sendable {
    let engine: PullThroughEngine
    let mount: Mount
    let key: AccessTokens.Key
    let url: AbsoluteURL
    /// What was shown and is no good any more.
    let refused: OriginToken?

    /// The most bytes of an answer.
    private static let byteLimit = 64 << 10

    func answer() async throws(FillFailure) -> OriginToken? {
        if let token = known { return token }
        switch engine.tokens.questions.join(key.question) {
        case .full: throw .busy
        case .follower(let fill): try await fill.finish()
        case .leader(let fill):
            // A task of its own: those who wait must not lose it with the one who came first.
            engine.runner.start(for: fill) { await run(fill) }
            try await fill.finish()
        }
        return known
    }

    private var known: OriginToken? {
        engine.tokens.find(key, but: refused, at: engine.time.uptimeNanoseconds)
    }

    private func run(_ fill: Fill) async {
        do throws(FillFailure) {
            // Another one may have been answered between the look and the start of this one.
            if known == nil { try await ask() }
            engine.tokens.questions.remove(fill, for: key.question)
            fill.settle()
        } catch {
            engine.tokens.questions.remove(fill, for: key.question)
            fill.fail(error)
        }
    }

    private func ask() async throws(FillFailure) {
        var policy = mount.policy
        // The operator's credential is for the upstream's own registry. Another one that named the
        // upstream as its realm would get what the credential buys (rule U3).
        if key.scope.origin != policy.home { policy.credential = nil }
        let request = UpstreamRequest(
            url: url, accept: "application/json", policy: policy,
            limits: TransferLimits(total: .seconds(30), bodyBytes: Self.byteLimit))
        let (response, meaning) = try await engine.fetch(
            request, Subject(mount: mount), retry: engine.rules.retry)
        guard meaning == .present, response.status == 200 else {
            response.body.cancel()
            throw .upstreamRefused(status: response.status)
        }
        let bytes: [UInt8]
        do throws(UpstreamError) {
            bytes = try await engine.bytes(of: response, limit: Self.byteLimit, mount.label)
        } catch {
            throw FillFailure(error)
        }
        do throws(DocumentFault) {
            guard let token = try mount.adapter.pointers?.token(in: bytes) else { return }
            engine.note(.success, for: engine.healthLabel(mount, url))
            engine.tokens.keep(token, for: key, at: engine.time.uptimeNanoseconds)
        } catch {
            engine.observer.documentRefused(mount.label, fault: error.description)
            throw .invalidAnswer(error.description)
        }
    }
}
