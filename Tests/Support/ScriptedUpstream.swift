package import Backends
package import HTTPModel
import Synchronization

/// An upstream in memory: the nth fetch of a URL gets the nth answer, further ones get the last.
///
/// A URL without a script is `.unreachable`.
package final class ScriptedUpstream: UpstreamClient {
    package struct Answer: Sendable {
        package var status = 200
        package var headers = Headers()
        package var pieces: [[UInt8]] = []
        /// The declared length; the true one unless it is set.
        package var byteCount: Int?
        package var hasProvenEnd = true
        /// Where it came from after redirects; the requested URL unless it is set.
        package var url: AbsoluteURL?
        /// Where it waits before the head.
        package var gate: Gate?
        /// Where it waits before the piece of that index; the count of pieces stands for the end.
        package var pieceGates: [Int: Gate] = [:]
        /// Thrown instead of a head.
        package var headFailure: UpstreamError?
        /// Thrown after the last piece instead of the end.
        package var failure: UpstreamError?

        package init() {}

        /// A 200 with one piece.
        package static func bytes(
            _ bytes: [UInt8], _ fields: [(name: String, value: String)] = []
        ) -> Answer {
            var answer = Answer()
            answer.pieces = [bytes]
            answer.headers = Headers(fields)
            answer.byteCount = bytes.count
            return answer
        }

        package static func text(
            _ text: String, _ fields: [(name: String, value: String)] = []
        ) -> Answer {
            bytes(Array(text.utf8), fields)
        }

        /// A status without a body.
        package static func status(
            _ status: Int, _ fields: [(name: String, value: String)] = []
        ) -> Answer {
            var answer = bytes([], fields)
            answer.status = status
            return answer
        }

        package static func failing(_ error: UpstreamError) -> Answer {
            var answer = Answer()
            answer.headFailure = error
            return answer
        }

        /// The same answer with one thing changed.
        package func with<Value>(
            _ part: WritableKeyPath<Answer, Value>, _ value: Value
        ) -> Answer {
            var copy = self
            copy[keyPath: part] = value
            return copy
        }
    }

    private let scripts = Mutex<[String: [Answer]]>([:])
    /// How many requests of a URL came before its present script.
    private let starts = Mutex<[String: Int]>([:])
    private let seen = Watched<[UpstreamRequest]>([])

    package init() {}

    /// Replaces the script of a URL; its count of requests goes on.
    package func script(_ url: String, _ answers: Answer...) {
        precondition(!answers.isEmpty)
        scripts.withLock { $0[url] = answers }
        starts.withLock { $0[url] = count(url) }
    }

    /// Every request, in order.
    package var requests: [UpstreamRequest] { seen.value }

    package func count(_ url: String) -> Int {
        requests.count { $0.url.description == url }
    }

    /// Suspends until `count` requests for `url` have come.
    package func requests(_ count: Int, for url: String) async {
        await seen.until { $0.count { $0.url.description == url } >= count }
    }

    package func fetch(
        _ request: UpstreamRequest
    ) async throws(UpstreamError) -> UpstreamResponse {
        let url = request.url.description
        let earlier = seen.update { seen in
            seen.append(request)
            return seen.count { $0.url.description == url } - 1
        }
        guard request.policy.allows(request.url) else { throw .hostRefused }
        let start = starts.withLock { $0[url] ?? 0 }
        guard let answers = scripts.withLock({ $0[url] }) else { throw .unreachable(code: 7) }
        let answer = answers[min(max(0, earlier - start), answers.count - 1)]
        await answer.gate?.pass()
        if Task.isCancelled { throw .cancelled }
        if let failure = answer.headFailure { throw failure }
        return UpstreamResponse(
            status: answer.status, headers: answer.headers, url: answer.url ?? request.url,
            byteCount: answer.byteCount, hasProvenEnd: answer.hasProvenEnd,
            body: ScriptedBody(answer))
    }
}

/// The body of one scripted answer.
private final class ScriptedBody: UpstreamBody {
    private let answer: ScriptedUpstream.Answer
    private let state = Mutex((index: 0, isCancelled: false))

    init(_ answer: ScriptedUpstream.Answer) {
        self.answer = answer
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        let index = state.withLock { $0.index }
        await answer.pieceGates[index]?.pass()
        guard !state.withLock({ $0.isCancelled }), !Task.isCancelled else { throw .cancelled }
        guard index < answer.pieces.count else {
            if let failure = answer.failure { throw failure }
            return nil
        }
        state.withLock { $0.index += 1 }
        return answer.pieces[index]
    }

    func cancel() { state.withLock { $0.isCancelled = true } }
}
