import Admission
import Digests
import HTTPModel
import HTTPServer
import Linux
import Resources
import Support
import Synchronization
import Testing

@testable import Engine

extension ServerTests {
    /// Replies that are given again to the same bytes.
    @Suite struct KeptHeadTests {
        private static func terms() -> ReplyTerms {
            let upstream = UpstreamIdentity(
                ecosystem: "t", name: "t", location: "https://index.example/")
            let resource = Resource.artifact("a")
            let stored = StoredResponse(
                key: CacheKey(resource, of: upstream), kind: .artifact, headers: Headers([]),
                body: .of([]), byteCount: 0, entityTag: nil, storedAt: 1, validatedAt: 1,
                lifetimeSeconds: 1)
            let entry = IndexedResponse(stored, UseList(limit: 1))
            return ReplyTerms(
                second: 1, document: entry, sent: entry, resource: resource,
                principal: .unrestricted, upstream: upstream, usesDocument: false)
        }

        private static func answer(_ name: String, _ body: ReplyBody) -> Answer {
            var reply = Reply(
                status: 200, fields: Array("X-Answer: \(name)\r\n".utf8), body: body,
                record: RequestRecord())
            if case .file = body { reply.terms = terms() }
            return .reply(reply)
        }

        @Test(
            "a head that is sent late, as that of a file on its way, takes no other reply's place")
        func lateHead() async throws {
            let bytes = patterned(500)
            let stored = try OpenFile.memory(bytes)
            let arriving = Mutex<Fill?>(nil)
            let responder = ScriptedResponder { _ in
                guard let fill = arriving.withLock({ $0 }) else {
                    return Self.answer(
                        "file", .file(stored, 0..<bytes.count, Answer.admitted()))
                }
                return Self.answer("fill", .fill(fill, from: 0, to: 900, Answer.admitted()))
            }
            try await withServer(responder) { server in
                var repeatedCount = 0
                // A kept head holds for one second of the clock, which may end in between.
                for round in 0..<50 where repeatedCount == 0 {
                    let path = "/\(round)"
                    let (first, second, third) = (
                        try TestClient(server.address), try TestClient(server.address),
                        try TestClient(server.address)
                    )
                    // What came once is not kept yet.
                    try second.get(path)
                    #expect(try second.response().body == bytes)
                    let file = try GrowingFile.memory()
                    let fill = Fill()
                    fill.begin(
                        Fill.Head(
                            byteCount: 900, entityTag: nil, lastModified: nil, upstreamStatus: 200),
                        file: file.reader)
                    arriving.withLock { $0 = fill }
                    try first.get(path)
                    #expect(!first.hasBytes(within: 20))
                    arriving.withLock { $0 = nil }
                    try second.get(path)
                    #expect(try second.response().body == bytes)
                    try file.append(patterned(900))
                    fill.publish(fileCount: 900, visible: 900)
                    fill.complete(count: 900)
                    let late = try first.response()
                    #expect(late.fields["x-answer"] == "fill" && late.body == patterned(900))
                    let askedCount = responder.targets.count
                    try third.get(path)
                    let again = try third.response()
                    #expect(again.fields["x-answer"] == "file" && again.body == bytes)
                    if responder.targets.count == askedCount { repeatedCount += 1 }
                }
                #expect(repeatedCount > 0)
            }
        }
    }
}
