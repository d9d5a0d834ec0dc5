import Backends
import Engine
import HTTPModel
import Synchronization
import Testing

/// Files whose facts may come with a small document instead of the one that names them all.
@Suite(.timeLimit(.minutes(5))) struct HintTests {
    private static let file = TestFile("p/a.tgz", byteCount: 1_000)
    private static let page = "\(TestAdapter.root)/doc/p"
    private static let hint = "\(TestAdapter.root)/doc/p@a.tgz"

    private func bench(hint: FakeUpstream.Script?) -> Bench {
        let bench = LineAdapter().bench()
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        bench.upstream.set(Self.page, document(Self.file.line()))
        if let hint { bench.upstream.set(Self.hint, hint) }
        return bench
    }

    @Test("a cold file costs its hint and itself")
    func cold() async throws {
        try await Bench.run(bench(hint: document(Self.file.line()))) { bench in
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == 200 && got.body == Self.file.bytes)
            #expect(bench.upstream.requests(of: Self.hint).count == 1)
            #expect(bench.upstream.requests(of: Self.page).isEmpty)
            #expect(try await bench.get("/s/file/p/a.tgz").field("Cache-Status") == "larder; hit")
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hint: FakeUpstream.Script?
    }

    static let failing: [Row] = [
        .init(testDescription: "absent", hint: .init(status: 404)),
        .init(testDescription: "refused", hint: .init(status: 403)),
        .init(testDescription: "an error", hint: .init(status: 500)),
        .init(testDescription: "unreachable", hint: nil),
        .init(testDescription: "garbage", hint: .init(pieces: [Array("<html>".utf8)])),
        .init(
            testDescription: "of another file",
            hint: document(TestFile("p/b.tgz", byteCount: 3).line())),
    ]

    @Test("where the hint is of no use, the document is asked", arguments: failing)
    func useless(_ row: Row) async throws {
        try await Bench.run(bench(hint: row.hint)) { bench in
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == 200 && got.body == Self.file.bytes)
            #expect(bench.upstream.requests(of: Self.page).count == 1)
        }
    }

    static let ill: [Row] = [
        .init(testDescription: "an error", hint: .init(status: 500)),
        .init(testDescription: "busy", hint: .init(status: 503)),
        .init(testDescription: "garbage", hint: .init(pieces: [Array("<html>".utf8)])),
    ]

    @Test("what a hint comes to is no outage, and it is tried once", arguments: ill)
    func noOutage(_ row: Row) async throws {
        let bench = bench(hint: nil)
        let missing = (0..<4).map { "p\($0)" }
        for name in missing {
            bench.upstream.set("\(TestAdapter.root)/doc/\(name)@a.tgz", row.hint ?? .init())
            bench.upstream.set("\(TestAdapter.root)/doc/\(name)", .init(failure: .tooLarge))
        }
        try await Bench.run(bench) { bench in
            for name in missing {
                _ = try await bench.get("/s/file/\(name)/a.tgz")
                let asked = bench.upstream.requests(of: "\(TestAdapter.root)/doc/\(name)@a.tgz")
                #expect(asked.count == 1)
            }
            #expect(bench.observer.counts.withLock { $0.outages }.isEmpty)
        }
    }

    @Test("a newer document that names a file ends what was known of its absence")
    func endsAbsence() async throws {
        let bench = bench(hint: .init(status: 404))
        bench.upstream.set(Self.page, document(TestFile("p/b.tgz", byteCount: 3).line()))
        try await Bench.run(bench) { bench in
            #expect(try await bench.get("/s/file/p/a.tgz").status == 404)
            bench.upstream.set(Self.page, document(Self.file.line()))
            bench.time.advance(seconds: 10)
            #expect(try await bench.get("/s/file/p/a.tgz").status == 404)
            let page = try await bench.get("/s/doc/p") { $0.asksForRefresh = true }
            #expect(page.status == 200)
            #expect(try await bench.get("/s/file/p/a.tgz").status == 200)
        }
    }

    @Test("a stored document that does not name the file is asked again, at most every 5 s")
    func notListed() async throws {
        let bench = bench(hint: document(Self.file.line()))
        bench.upstream.set(Self.page, document(TestFile("p/b.tgz", byteCount: 3).line()))
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == 200)
            bench.time.advance(seconds: 4)
            #expect(try await bench.get("/s/file/p/a.tgz").status == 404)
            #expect(bench.upstream.requests(of: Self.page).count == 1)
            bench.time.advance(seconds: 31)
            bench.upstream.set(Self.page, document(Self.file.line()))
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == 200 && got.body == Self.file.bytes)
            #expect(bench.upstream.requests(of: Self.page).count == 2)
            #expect(bench.upstream.requests(of: Self.hint).isEmpty)
        }
    }
}
