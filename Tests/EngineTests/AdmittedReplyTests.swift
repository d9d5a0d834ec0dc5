import Admission
import Backends
import Digests
import HTTPModel
import Linux
import Policy
import Resources
import Support
import Testing

@testable import Engine

/// Rule G1 of the reliability study: no word about a stored body without admission.
@Suite(.timeLimit(.minutes(5))) struct AdmittedReplyTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let status: Int
        let change: @Sendable (inout RequestHead) -> Void
        var testDescription: String { "\(status)" }
    }

    static let ways = [
        Way(status: 200) { _ in }, Way(status: 206) { $0.range = "bytes=0-9" },
        Way(status: 304) { $0.ifNoneMatch = "*" }, Way(status: 416) { $0.range = "bytes=99999-" },
    ]

    @Test(
        "a reply about a file, with or without its bytes, is admitted or is none", arguments: ways)
    func artifact(_ way: Way) async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000)
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            _ = try await bench.get(file.request)
            await bench.idle()
            var subject = Subject(
                mount: bench.engine.mounts[0], resource: .artifact("p/a.whl"))
            guard case .stored(let stored) = bench.engine.index.find(subject.key),
                case .ready(let body) = bench.engine.find(stored.response.body)
            else { throw Bench.Unanswered() }
            var head = RequestHead(
                method: .get, target: try RequestTarget(Array(file.request.utf8)))
            way.change(&head)
            var inquiry = Inquiry(request: head)
            inquiry.principal = .unrestricted
            // Nobody asked the policy.
            let unasked = Replies.artifact(
                stored.response, body, inquiry, subject, admission: Admission(), isDown: false)
            #expect(unasked.status == 403)
            subject.verdict = .allowed
            let allowed = Replies.artifact(
                stored.response, body, inquiry, subject, admission: Admission(), isDown: false)
            #expect(allowed.status == way.status)
            inquiry.principal = .nobody
            let outside = Replies.artifact(
                stored.response, body, inquiry, subject, admission: Admission(), isDown: false)
            #expect(outside.status == 404)
        }
    }
}
