import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Testing

/// When a reply may be given again to the very same request.
@Suite(.timeLimit(.minutes(5))) struct ReplyTermsTests {
    private static let file = TestFile("p/a.whl", byteCount: 3_000)
    private static let page = CacheKey(.document("p"), of: TestAdapter().identity)
    private static let wheel = CacheKey(.artifact("p/a.whl"), of: TestAdapter().identity)

    struct Event: Sendable, CustomTestStringConvertible {
        let name: String
        let pageHolds: Bool
        let fileHolds: Bool
        let change: @Sendable (Bench) async throws -> Void

        var testDescription: String { name }
    }

    static let events = [
        Event(name: "nothing", pageHolds: true, fileHolds: true) { _ in },
        Event(name: "a second", pageHolds: false, fileHolds: false) { $0.time.advance(seconds: 1) },
        Event(name: "another document is fetched", pageHolds: true, fileHolds: true) {
            $0.upstream.set("\(TestAdapter.root)/doc/q", document(file.line()))
            _ = try await $0.get("/t/doc/q")
        },
        Event(name: "the page changed elsewhere", pageHolds: false, fileHolds: false) {
            try await note(.changed, page, in: $0)
        },
        Event(name: "the file changed elsewhere", pageHolds: true, fileHolds: false) {
            try await note(.changed, wheel, in: $0)
        },
        Event(name: "a new version of the page", pageHolds: false, fileHolds: false) { bench in
            let other = TestFile("p/b.whl", byteCount: 9).line()
            bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line(), other))
            try await note(.wanted, page, in: bench)
            await bench.idle()
        },
    ]

    private static func note(_ kind: Change.Kind, _ key: CacheKey, in bench: Bench) async throws {
        // What is noted before the first look is no news.
        try await bench.metadata.note(Change(kind: kind, key: key), at: bench.time.now)
        try await bench.engine.learnOperations()
    }

    private func bench() -> Bench {
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(Self.file.line()))
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        return bench
    }

    @Test(
        "a fresh hit holds within its second and until what it was made from changes",
        arguments: events)
    func holds(_ event: Event) async throws {
        try await Bench.run(bench()) { bench in
            try await bench.engine.learnOperations()
            var terms: [ReplyTerms] = []
            for path in ["/t/doc/p", Self.file.request] {
                _ = try await bench.get(path)
                await bench.idle()
                let reply = try await bench.reply(path).reply
                terms.append(try #require(reply.terms))
            }
            try await event.change(bench)
            #expect((bench.engine.readmit(terms[0]) != nil) == event.pageHolds)
            #expect((bench.engine.readmit(terms[1]) != nil) == event.fileHolds)
        }
    }

    @Test("neither a miss nor a stale answer nor an error is given again")
    func others() async throws {
        try await Bench.run(bench()) { bench in
            let miss = try await bench.reply("/t/doc/p").reply
            #expect(miss.status == 200 && miss.terms == nil)
            bench.upstream.set("\(TestAdapter.root)/doc/absent", .init(status: 404))
            let absent = try await bench.reply("/t/doc/absent").reply
            #expect(absent.status == 404 && absent.terms == nil)
            bench.time.advance(seconds: 1_000)
            bench.upstream.set("\(TestAdapter.root)/doc/p", .init(failure: .unreachable(code: 7)))
            let stale = try await bench.reply("/t/doc/p").reply
            #expect(stale.status == 200 && stale.terms == nil)
        }
    }

    @Test("a 304 and a range are given again as well")
    func kinds() async throws {
        try await Bench.run(bench()) { bench in
            let got = try await bench.get(Self.file.request)
            await bench.idle()
            let tag = try #require(got.field("ETag"))
            let same = try await bench.reply(Self.file.request) { $0.ifNoneMatch = tag }.reply
            #expect(same.status == 304 && same.terms != nil)
            let part = try await bench.reply(Self.file.request) { $0.range = "bytes=1-2" }.reply
            #expect(part.status == 206 && part.terms != nil)
            let none = try await bench.reply(Self.file.request) { $0.range = "bytes=9999-" }.reply
            #expect(none.status == 416 && none.terms == nil)
        }
    }
}
