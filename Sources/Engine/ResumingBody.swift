internal import Backends
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
import Synchronization

/// A body that is asked for again from where it broke off, as long as it is provably the same one.
///
/// That takes a strong tag, a known length, and an answer that names the same tag and exactly the
/// bytes that are missing, or the same tag and the whole again (rule U6; RFC 9110 section 14.2).
/// Otherwise the body ends with the error that broke it off, and whoever reads it starts anew.
final class ResumingBody: UpstreamBody {
    private struct State {
        var body: any UpstreamBody
        /// Bytes handed on so far.
        var count = 0
        /// Bytes of a repeated whole that were handed on before.
        var skipped = 0
        /// New bytes since it was begun or last resumed.
        var progress = 0
        /// Attempts to go on since the last byte.
        var failures = 0
        var resumptions = 0
        var isCancelled = false
    }

    /// The most times that one body is resumed: an upstream that gives a byte at a time is not fed.
    private static let resumptionLimit = 16
    /// The bytes that must have come, since the start or the last resumption, for a body that
    /// stalled to be resumed: each stall takes its half minute.
    private static let leastProgress = 64 << 10

    private let engine: PullThroughEngine
    private let request: UpstreamRequest
    private let mount: Mount
    private let tokenKey: AccessTokens.Key?
    private let tag: EntityTag
    private let byteCount: Int
    private let state: Mutex<State>

    /// Nil when `response` could not be resumed.
    init?(
        _ response: UpstreamResponse, to request: UpstreamRequest, _ mount: Mount,
        in scope: TokenScope?, _ engine: PullThroughEngine
    ) {
        guard let tag = response.headers["etag"].flatMap({ EntityTag($0) }), !tag.isWeak,
            let byteCount = response.byteCount,
            response.headers["accept-ranges"]?.asciiLowercased != "none"
        else { return nil }
        self.engine = engine
        self.request = request
        self.mount = mount
        tokenKey = scope.map { AccessTokens.Key(upstream: mount.adapter.identity, scope: $0) }
        self.tag = tag
        self.byteCount = byteCount
        state = Mutex(State(body: response.body))
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        while true {
            let body = state.withLock { $0.body }
            do throws(UpstreamError) {
                guard let piece = try await body.next() else { return nil }
                let rest = take(piece)
                if !rest.isEmpty { return rest }
            } catch {
                guard error.isBreak else { throw error }
                if error == .timedOut(.body), isCreeping { throw error }
                guard await resume() else { throw error }
            }
        }
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            return state.body
        }.cancel()
    }

    /// What of a piece is new.
    private func take(_ piece: [UInt8]) -> [UInt8] {
        state.withLock { state in
            let old = min(piece.count, state.skipped)
            state.skipped -= old
            guard old < piece.count else { return [] }
            state.count += piece.count - old
            state.progress += piece.count - old
            state.failures = 0
            return old == 0 ? piece : Array(piece[old...])
        }
    }

    private var isCreeping: Bool {
        state.withLock { $0.progress < Self.leastProgress }
    }

    /// Puts a body that goes on in the place of the one that broke off; false when there is none.
    private func resume() async -> Bool {
        while !Task.isCancelled {
            let (failures, count, isOver) = state.withLock { state in
                state.failures += 1
                state.resumptions += 1
                let isOver = state.isCancelled || state.resumptions > Self.resumptionLimit
                return (state.failures, state.count, isOver)
            }
            let jitter = Int(engine.time.uptimeNanoseconds % 1_000)
            guard !isOver, count < byteCount,
                let pause = engine.rules.retry.pause(
                    afterFailures: failures, retryAfterSeconds: nil, jitter: jitter)
            else { return false }
            await engine.time.sleep(for: .milliseconds(pause))
            do throws(UpstreamError) {
                switch continuation(try await ask(from: count), at: count) {
                case .body(let body, let skipping): return goOn(body, skipping)
                case .failed: continue
                case .impossible: return false
                }
            } catch {
                guard error.isBreak else { return false }
            }
        }
        return false
    }

    /// Asks for the rest, with a token that is good by now: the first one may have ended meanwhile.
    private func ask(from count: Int) async throws(UpstreamError) -> UpstreamResponse {
        var again = request
        again.rest = BodyRest(offset: count, entityTag: tag.text)
        guard let tokenKey else { return try await engine.ask(again, mount.label) }
        again.token = engine.tokens.find(tokenKey, but: nil, at: engine.time.uptimeNanoseconds)
        let response = try await engine.ask(again, mount.label)
        let token: OriginToken?
        do throws(FillFailure) {
            token = try await engine.token(after: response, to: again, mount, tokenKey)
        } catch {
            return response
        }
        guard let token else { return response }
        again.token = token
        return try await engine.ask(again, mount.label)
    }

    private func goOn(_ body: any UpstreamBody, _ skipping: Int) -> Bool {
        let isCancelled = state.withLock { state in
            state.body = body
            state.skipped = skipping
            state.progress = 0
            return state.isCancelled
        }
        if isCancelled { body.cancel() }
        return !isCancelled
    }

    private enum Continuation {
        case body(any UpstreamBody, skipping: Int)
        /// Perhaps later.
        case failed
        case impossible
    }

    private func continuation(_ response: UpstreamResponse, at count: Int) -> Continuation {
        let isSame =
            response.headers["etag"].flatMap { EntityTag($0) }?.stronglyMatches(tag) == true
        let range = response.headers["content-range"]
        switch response.status {
        case 206
        where isSame && range?.asciiLowercased == "bytes \(count)-\(byteCount - 1)/\(byteCount)"
            && (response.byteCount ?? byteCount - count) == byteCount - count:
            return .body(response.body, skipping: 0)
        case 200 where isSame && response.byteCount == byteCount:
            return .body(response.body, skipping: count)
        default:
            response.body.cancel()
            return response.status == 429 || response.status >= 500 ? .failed : .impossible
        }
    }
}

extension UpstreamResponse {
    /// The same answer with a body that survives breaks, if that can be.
    func resumable(
        _ request: UpstreamRequest, _ mount: Mount, in scope: TokenScope?,
        _ engine: PullThroughEngine
    ) -> UpstreamResponse {
        guard let body = ResumingBody(self, to: request, mount, in: scope, engine)
        else { return self }
        return UpstreamResponse(
            status: status, headers: headers, url: url, byteCount: byteCount,
            hasProvenEnd: hasProvenEnd, body: body)
    }
}

extension UpstreamError {
    /// Whether the connection failed, so that another may go on.
    fileprivate var isBreak: Bool {
        switch self {
        case .truncated, .unreachable, .timedOut(.body), .timedOut(.head), .timedOut(.connect): true
        case .timedOut(.total), .insecure, .redirectRefused, .addressRefused, .hostRefused,
            .tooLarge, .malformed, .cancelled:
            false
        }
    }
}
