import Backends
import Digests
import Engine
import HTTPModel
import Testing

/// Files that are not where, or not what, a stored document says.
@Suite(.timeLimit(.minutes(5))) struct OutdatedFactTests {
    private static let page = "\(TestAdapter.root)/doc/p"
    private static let old = TestFile("p/a.tgz", byteCount: 2_000)
    private static let new = TestFile("p/a.tgz", byteCount: 1_000)

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
        let status: Int
    }

    static let rows: [Row] = [
        .init(testDescription: "404", script: .init(status: 404), status: 404),
        .init(testDescription: "403", script: .init(status: 403), status: 403),
        .init(testDescription: "other bytes", script: .init(pieces: new.pieces), status: 502),
        .init(
            testDescription: "bytes of another digest",
            script: .init(pieces: [[UInt8](repeating: 1, count: 2_000)]), status: 502),
    ]

    private func bench(_ row: Row) -> Bench {
        let bench = LineAdapter(verifiesBeforeSending: 1 << 20).bench()
        bench.upstream.set(Self.page, document(Self.old.line()))
        bench.upstream.set(Self.old.url, row.script, .init(pieces: Self.new.pieces))
        return bench
    }

    @Test("the document is asked once more, and a changed fact is tried", arguments: rows)
    func changed(_ row: Row) async throws {
        try await Bench.run(bench(row)) { bench in
            let page = try await bench.get("/s/doc/p")
            #expect(page.status == 200)
            bench.time.advance(seconds: 10)
            bench.upstream.set(Self.page, document(Self.new.line()))
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == 200 && got.body == Self.new.bytes && !got.isBroken)
            #expect(bench.upstream.requests(of: Self.page).count == 2)
            #expect(try await bench.get("/s/file/p/a.tgz").field("Cache-Status") == "larder; hit")
        }
    }

    @Test("an unchanged fact is not tried again", arguments: rows)
    func unchanged(_ row: Row) async throws {
        try await Bench.run(bench(row)) { bench in
            let page = try await bench.get("/s/doc/p")
            #expect(page.status == 200)
            bench.time.advance(seconds: 10)
            #expect(try await bench.get("/s/file/p/a.tgz").status == row.status)
            #expect(bench.upstream.requests(of: Self.page).count == 2)
            #expect(bench.upstream.requests(of: Self.old.url).count == 1)
            guard row.status == 404 else { return }
            // That it is not there is remembered all the same.
            #expect(try await bench.get("/s/file/p/a.tgz").status == 404)
            #expect(bench.upstream.requests(of: Self.old.url).count == 1)
        }
    }

    @Test("the document is asked at most every 5 s", arguments: rows)
    func bounded(_ row: Row) async throws {
        try await Bench.run(bench(row)) { bench in
            let page = try await bench.get("/s/doc/p")
            #expect(page.status == 200)
            bench.upstream.set(Self.page, document(Self.new.line()))
            bench.time.advance(seconds: 4)
            #expect(try await bench.get("/s/file/p/a.tgz").status == row.status)
            #expect(bench.upstream.requests(of: Self.page).count == 1)
        }
    }

    @Test("a file that a newer document no longer names is served, and not fetched")
    func unnamed() async throws {
        let bench = LineAdapter().bench()
        let other = TestFile("p/b.tgz", byteCount: 10)
        for file in [Self.old, other] { bench.upstream.set(file.url, .init(pieces: file.pieces)) }
        bench.upstream.set(Self.page, document(Self.old.line(), other.line()))
        try await Bench.run(bench) { bench in
            let page = try await bench.get("/s/doc/p")
            #expect(page.status == 200)
            #expect(try await bench.get("/s/file/p/a.tgz").status == 200)
            bench.time.advance(seconds: 1_000)
            bench.upstream.set(Self.page, document("c.tgz \(other.digest.hex) 10 0"))
            let newer = try await bench.get("/s/doc/p")
            #expect(newer.status == 200)
            #expect(try await bench.get("/s/file/p/a.tgz").body == Self.old.bytes)
            #expect(try await bench.get("/s/file/p/b.tgz").status == 404)
            #expect(bench.upstream.requests(of: other.url).isEmpty)
        }
    }
}
