import Backends
import HTTPModel
import Support
import Synchronization

/// An upstream in memory: each URL has its script, and every request is counted.
final class FakeUpstream: UpstreamClient {
    /// One answer.
    struct Script: Sendable {
        var status = 200
        var headers: [(name: String, value: String)] = []
        var pieces: [[UInt8]] = []
        /// Declared instead of the pieces' sum.
        var byteCount: Int?
        var hasLength = true
        /// Thrown after the pieces.
        var ending: UpstreamError?
        /// Thrown instead of an answer.
        var failure: UpstreamError?
        /// Waited for before the answer.
        var gate: Gate?
        /// Waited for before each piece but the first.
        var bodyGate: Gate?
        /// Answers 304 to this If-None-Match.
        var tag: String?
        /// Answers 401 unless this token is shown.
        var token: String?
        /// What such a 401 asks for.
        var challenge = ""
        /// Where the answer comes from after redirects; the URL that was asked for without it.
        var finalURL: AbsoluteURL?
    }

    private struct State {
        var scripts: [String: [Script]] = [:]
        var requests: [UpstreamRequest] = []
    }

    private let state = Mutex(State())
    private let meter: Meter

    /// The meter counts the bytes of bodies as they are taken.
    init(meter: Meter = Meter()) {
        self.meter = meter
    }

    /// Sets the answers of a URL in their order; the last one stays.
    func set(_ url: String, _ scripts: Script...) {
        set(url, scripts)
    }

    func set(_ url: String, _ scripts: [Script]) {
        state.withLock { $0.scripts[url] = scripts }
    }

    /// From now on nothing answers.
    func failAll() {
        let script = Script(failure: .unreachable(code: 7))
        state.withLock { state in
            for url in state.scripts.keys { state.scripts[url] = [script] }
        }
    }

    func requests(of url: String) -> [UpstreamRequest] {
        state.withLock { $0.requests.filter { $0.url.description == url } }
    }

    /// The URLs below this one that were asked for.
    func urls(below prefix: String) -> [String] {
        state.withLock { $0.requests.map(\.url.description).filter { $0.hasPrefix(prefix) } }
    }

    var requestCount: Int { state.withLock { $0.requests.count } }

    func fetch(_ request: UpstreamRequest) async throws(UpstreamError) -> UpstreamResponse {
        let script = state.withLock { state -> Script? in
            state.requests.append(request)
            let url = request.url.description
            guard var scripts = state.scripts[url], let first = scripts.first else { return nil }
            if scripts.count > 1 {
                scripts.removeFirst()
                state.scripts[url] = scripts
            }
            return first
        }
        guard let script else { throw .unreachable(code: 7) }
        await script.gate?.pass()
        if let failure = script.failure { throw failure }
        var headers = Headers(script.headers)
        let shown = request.credential(for: request.url)?.authorization
        if let token = script.token, shown != "Bearer " + token {
            headers.append("www-authenticate", script.challenge)
            return UpstreamResponse(
                status: 401, headers: headers, url: script.finalURL ?? request.url, byteCount: 0,
                body: FakeBody([], nil, nil, meter))
        }
        if let tag = script.tag { headers.append("etag", tag) }
        let isUnchanged = script.tag != nil && request.ifNoneMatch == script.tag
        let sum = script.pieces.reduce(0) { $0 + $1.count }
        return UpstreamResponse(
            status: isUnchanged ? 304 : script.status, headers: headers,
            url: script.finalURL ?? request.url,
            byteCount: script.hasLength ? script.byteCount ?? sum : nil,
            body: FakeBody(
                isUnchanged ? [] : script.pieces, script.ending, script.bodyGate, meter))
    }
}

private final class FakeBody: UpstreamBody {
    private let rest: Mutex<[[UInt8]]>
    private let ending: UpstreamError?
    private let gate: Gate?
    private let count: Int
    private let meter: Meter

    init(_ pieces: [[UInt8]], _ ending: UpstreamError?, _ gate: Gate?, _ meter: Meter) {
        rest = Mutex(pieces)
        count = pieces.count
        self.ending = ending
        self.gate = gate
        self.meter = meter
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        if rest.withLock({ $0.count }) < count { await gate?.pass() }
        guard !Task.isCancelled else { throw .cancelled }
        let piece = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if piece == nil, let ending { throw ending }
        meter.give(piece?.count ?? 0)
        return piece
    }

    func cancel() {}
}
