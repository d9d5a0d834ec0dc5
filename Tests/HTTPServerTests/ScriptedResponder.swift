import Admission
import Engine
import HTTPModel
import HTTPServer
import Linux
import Policy
import Resources
import Synchronization

/// A responder that does what a test says, and keeps what it was asked and told.
final class ScriptedResponder: Responder {
    typealias Script = @Sendable (RequestHead) -> Answer
    typealias Resumption = @Sendable (Pending, ResumeReason) -> Answer

    private let script: Script
    private let resumption: Resumption
    /// The longest body that it wants of a POST.
    private let bodyLimit: Int?
    /// Whether terms hold.
    let holdsTerms = Mutex(true)
    private let state = Mutex(State())

    private struct State {
        var targets: [String] = []
        var barred: [String] = []
        var bodies: [RequestBody] = []
        var outcomes: [RequestOutcome] = []
        var waiting: [(count: Int, CheckedContinuation<Void, Never>)] = []
    }

    init(
        bodyLimit: Int? = nil, _ script: @escaping Script = { _ in .text("hello") },
        resumption: @escaping Resumption = { _, _ in .text("resumed") }
    ) {
        self.bodyLimit = bodyLimit
        self.script = script
        self.resumption = resumption
    }

    func answer(_ request: RequestHead, mayBegin: Bool) -> Answer {
        state.withLock {
            $0.targets.append(request.target.raw)
            if !mayBegin { $0.barred.append(request.target.raw) }
        }
        return script(request)
    }

    func bodyLimit(for request: RequestHead) -> Int? { bodyLimit }

    func answer(_ request: RequestHead, body: RequestBody) -> Answer {
        state.withLock { $0.bodies.append(body) }
        return answer(request, mayBegin: true)
    }

    func readmit(_ terms: ReplyTerms) -> Admitted? {
        holdsTerms.withLock { $0 } ? Answer.admitted() : nil
    }

    /// Adds a field by which a test knows that it was asked.
    func word(_ refusal: Refusal, for request: RequestHead) -> Reply {
        var reply = refusal.plain
        reply.fields += Array("X-Worded: \(request.target.raw)\r\n".utf8)
        return reply
    }

    func resume(
        _ pending: Pending, for request: RequestHead, after reason: ResumeReason
    ) -> Answer {
        resumption(pending, reason)
    }

    func finished(_ request: RequestHead, _ outcome: RequestOutcome) {
        let ready = state.withLock { state in
            state.outcomes.append(outcome)
            let ready = state.waiting.filter { $0.count <= state.outcomes.count }
            state.waiting.removeAll { $0.count <= state.outcomes.count }
            return ready
        }
        for waiter in ready { waiter.1.resume() }
    }

    /// The targets of all requests that were answered.
    var targets: [String] { state.withLock { $0.targets } }

    /// The targets of those for which nothing may be begun.
    var barred: [String] { state.withLock { $0.barred } }

    /// All bodies that came, which it holds until they are dropped.
    var bodies: [[UInt8]] { state.withLock { $0.bodies.map(\.bytes) } }

    func dropBodies() {
        state.withLock { $0.bodies = [] }
    }

    /// All ends so far, once there are `count`.
    func outcomes(_ count: Int) async -> [RequestOutcome] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.outcomes.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { $0.outcomes }
    }
}

extension Answer {
    static func reply(
        _ status: Int, _ body: ReplyBody, fields: String = "Content-Type: text/plain\r\n"
    ) -> Answer {
        .reply(
            Reply(
                status: status, fields: Array(fields.utf8), body: body, record: RequestRecord()))
    }

    static func text(_ text: String) -> Answer { .reply(200, .bytes(Array(text.utf8))) }

    static func file(_ file: OpenFile, _ range: Range<Int>? = nil) -> Answer {
        .reply(range == nil ? 200 : 206, .file(file, range ?? 0..<file.byteCount, admitted()))
    }

    static func fill(_ fill: Fill, from: Int = 0, to: Int?) -> Answer {
        .reply(200, .fill(fill, from: from, to: to, admitted()))
    }

    static func admitted() -> Admitted {
        let upstream = UpstreamIdentity(
            ecosystem: "t", name: "t", location: "https://index.example/")
        switch Admission().admit(.unrestricted, .artifact("a"), of: upstream, policy: .allowed) {
        case .success(let admitted): return admitted
        case .failure: preconditionFailure("a body without a pin is always admitted")
        }
    }
}

/// A server on a port of its own for the length of a test.
func withServer(
    _ responder: ScriptedResponder, limits: ServerLimits = ServerLimits(), loopCount: Int = 1,
    _ body: (HTTPServer) async throws -> Void
) async throws {
    let address = SocketAddress(bytes: [127, 0, 0, 1], port: 0)
    let server = try HTTPServer(
        address, loopCount: loopCount, limits: limits, responder: responder)
    try server.start()
    do {
        try await body(server)
    } catch {
        await server.stop(within: .zero)
        throw error
    }
    await server.stop(within: .zero)
}

/// Bytes that differ from place to place, so that a wrong offset shows.
func patterned(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var state: UInt32 = 1
    for index in bytes.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        bytes[index] = UInt8(truncatingIfNeeded: state >> 24)
    }
    return bytes
}
