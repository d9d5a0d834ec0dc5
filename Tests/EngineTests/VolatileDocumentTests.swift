import Backends
import Engine
import HTTPModel
import Synchronization
import Testing

/// Documents while the disk takes none: from memory, within bounds, and nothing is lost of them.
@Suite(.timeLimit(.minutes(5))) struct VolatileDocumentTests {
    private static let limit = 1 << 20

    private static func page(_ byteCount: Int, _ name: String = "a") -> FakeUpstream.Script {
        let line = [UInt8](repeating: 0x23, count: 65_535) + [0x0A]
        let whole = Array(repeating: line, count: byteCount / 65_536)
        return .init(pieces: [Array("ok\n\(name).tgz 00 1 0\n".utf8)] + whole)
    }

    private func bench(_ faults: FaultyBlobs.Faults) -> Bench {
        let bench = LineAdapter().bench {
            $0.volatileBlobLimit = Self.limit
            $0.volatileByteLimit = 3 * Self.limit
        }
        bench.blobs.faults.withLock { $0 = faults }
        return bench
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let faults: FaultyBlobs.Faults
    }

    static let rows: [Row] = [
        .init(testDescription: "full from the start", faults: .init(failsToStage: true)),
        .init(testDescription: "full in the middle", faults: .init(room: 300_000)),
        .init(testDescription: "full at the end", faults: .init(room: 786_432)),
        .init(testDescription: "a failing sync", faults: .init(failsToCommit: true)),
    ]

    @Test("a document is served whole, in every variant and coding, and again", arguments: rows)
    func served(_ row: Row) async throws {
        let bench = bench(row.faults)
        let page = Self.page(786_432)
        let url = "\(TestAdapter.root)/doc/p"
        bench.upstream.set(url, page)
        try await Bench.run(bench) { bench in
            for _ in 0..<2 {
                let got = try await bench.get("/s/doc/p")
                #expect(got.status == 200)
                #expect(got.body == page.pieces.reduce(into: Array("rendered ".utf8)) { $0 += $1 })
                let coded = try await bench.get("/s/doc/p") { $0.acceptEncoding = "gzip" }
                #expect(coded.status == 200 && coded.field("ETag") == got.field("ETag"))
                #expect(try await bench.get("/s/doc/p/a.tgz").text == "a.tgz 00 1 0")
            }
            // A full disk makes the engine evict, which may take the document's row.
            if row.faults.failsToCommit { #expect(bench.upstream.requestCount == 1) }
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    @Test(
        "one that is too long for memory is refused, and takes no room from others", arguments: rows
    )
    func tooLong(_ row: Row) async throws {
        let bench = bench(row.faults)
        try await Bench.run(bench) { bench in
            for index in 0..<10 {
                bench.upstream.set("\(TestAdapter.root)/doc/\(index)", Self.page(2 * Self.limit))
                let got = try await bench.get("/s/doc/\(index)")
                #expect(got.status == 503 && got.field("Retry-After") == "5")
            }
            await bench.idle()
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            bench.upstream.set("\(TestAdapter.root)/doc/p", Self.page(786_432))
            #expect(try await bench.get("/s/doc/p").status == 200)
        }
    }

    @Test("what is fetched again under another name counts as new")
    func sharedContent() async throws {
        let bench = bench(.init(failsToCommit: true))
        try await Bench.run(bench) { bench in
            let steps = [("a", "A", 12), ("x", "X", 4), ("a2", "A", 12), ("y", "Y", 11)]
            for (name, content, count) in steps {
                let page = Self.page(count * 65_536, content)
                bench.upstream.set("\(TestAdapter.root)/doc/\(name)", page)
                let got = try await bench.get("/s/doc/\(name)")
                #expect(got.status == 200)
            }
            let again = try await bench.get("/s/doc/a") { $0.acceptEncoding = "gzip" }
            #expect(again.status == 200)
            #expect(bench.upstream.requestCount == 4)
        }
    }

    @Test("the oldest go when there are many, and come again when they are asked for")
    func oldestGo() async throws {
        let bench = bench(.init(failsToCommit: true))
        try await Bench.run(bench) { bench in
            for round in 0..<2 {
                for index in 0..<6 {
                    let url = "\(TestAdapter.root)/doc/\(index)"
                    bench.upstream.set(url, Self.page(786_432, "\(index)"))
                    let got = try await bench.get("/s/doc/\(index)")
                    #expect(got.status == 200)
                    #expect(bench.upstream.requests(of: url).count == round + 1)
                }
            }
        }
    }
}
