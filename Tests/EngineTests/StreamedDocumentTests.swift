import Backends
import Conformance
import Digests
import DiskStore
import Engine
import HTTPModel
import Linux
import Support
import Synchronization
import Testing

/// Documents pass through the engine piece by piece, on their way in and when they are rendered.
@Suite(.timeLimit(.minutes(5))) struct StreamedDocumentTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let line = "a.tgz 00 1 0"
    private static let comment = [0x23] + [UInt8](repeating: 0x78, count: 262_142) + [0x0A]

    /// A document of a line and some multiple of 256 KiB.
    private static func large(_ count: Int, last: String = "b.tgz 00 1 0") -> FakeUpstream.Script {
        let first = Array("ok\n\(line)\n".utf8)
        let pieces = [first] + Array(repeating: comment, count: count) + [Array(last.utf8)]
        return FakeUpstream.Script(pieces: pieces)
    }

    @Test("45 MiB for 100 cold clients: one fetch, one rewrite for each coding, little memory")
    func largeDocument() async throws {
        let adapter = LineAdapter()
        let bench = adapter.bench()
        let script = Self.large(180)
        bench.upstream.set(Self.url, script)
        try await Bench.run(bench) { bench in
            let lengths = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<100 {
                    let coding = index.isMultiple(of: 2) ? "gzip" : nil
                    group.addTask {
                        let (reply, _) = try await bench.reply("/s/doc/p") {
                            $0.acceptEncoding = coding
                        }
                        guard reply.status == 200, case .file(let file, _, _) = reply.body
                        else { return 0 }
                        return file.byteCount
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            let byteCount = script.pieces.reduce(9) { $0 + $1.count }
            #expect(lengths.count == 2 && lengths.values.allSatisfy { $0 == 50 })
            #expect(lengths.keys.max() == byteCount && byteCount > 45 << 20)
            #expect(bench.upstream.requestCount == 1)
            #expect(adapter.rewrites.names.withLock { $0 } == ["plain", "plain"])
            let meters = adapter.meters
            #expect(meters.fetched.total == byteCount - 9 && meters.fetched.peak <= 262_144)
            // Two renderings, each with one piece and what it has gathered to write.
            #expect(meters.read.total == 2 * (byteCount - 9) && meters.read.peak <= 2 * 65_536)
            let got = try await bench.get("/s/doc/p")
            #expect(got.body == script.pieces.reduce(into: Array("rendered ".utf8)) { $0 += $1 })
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    @Test("a rendering gathers no more than it writes at once")
    func gathered() async throws {
        let adapter = LineAdapter()
        let bench = adapter.bench()
        bench.upstream.set(Self.url, Self.large(40))
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == 200)
            #expect(adapter.meters.made.total > 10 << 20)
            #expect(adapter.meters.made.peak < 262_144)
            #expect(adapter.meters.made.held == 0)
        }
    }

    struct FaultRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
        let status: Int
        /// Whether the whole body was read all the same.
        var isReadWhole = false
    }

    static let faults: [FaultRow] = [
        .init(
            testDescription: "a fault in the middle",
            script: .init(pieces: large(4).pieces + [Array("\nbad\n".utf8)] + large(40).pieces),
            status: 502),
        .init(
            testDescription: "a fault at the end", script: large(4, last: "bad"), status: 502,
            isReadWhole: true),
        .init(
            testDescription: "absence in the middle",
            script: .init(pieces: large(4).pieces + [Array("\nnone\n".utf8)] + large(40).pieces),
            status: 404),
        .init(
            testDescription: "broken off",
            script: .init(pieces: large(4).pieces, ending: .truncated), status: 502,
            isReadWhole: true),
        .init(testDescription: "too large", script: large(40), status: 502),
    ]

    @Test("of a refused document nothing is left, not even a staging file", arguments: faults)
    func refused(_ row: FaultRow) async throws {
        let folder = ScratchFolder()
        let adapter = LineAdapter()
        let bench = adapter.bench(blobs: try DiskBlobs(path: folder.path)) {
            $0.documentByteLimit = 5 << 20
        }
        bench.upstream.set(Self.url, row.script)
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == row.status)
            await bench.idle()
            #expect(try folder.names(in: "staging") == [])
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) == 0)
            let sum = row.script.pieces.reduce(0) { $0 + $1.count }
            #expect((adapter.meters.fetched.total == sum) == row.isReadWhole)
            bench.upstream.set(Self.url, Self.large(2))
            bench.time.advance(seconds: 31)
            #expect(try await bench.get("/s/doc/p").status == 200)
            #expect(try folder.names(in: "staging") == [])
        }
    }

    @Test("a shutdown in the middle of a document leaves no staging file")
    func cancelled() async throws {
        let folder = ScratchFolder()
        let bench = LineAdapter().bench(blobs: try DiskBlobs(path: folder.path))
        let gate = Gate()
        var script = Self.large(4)
        script.bodyGate = gate
        bench.upstream.set(Self.url, script)
        try await Bench.run(bench) { bench in
            let head = RequestHead(method: .get, target: try RequestTarget(Array("/s/doc/p".utf8)))
            guard case .pending(let lookup) = bench.engine.answer(head) else { return }
            await bench.news(of: lookup.fill)
            guard case .pending = bench.engine.resume(lookup, for: head, after: .news) else {
                Issue.record("not pending")
                return
            }
            await gate.arrivals(1)
            #expect(try folder.names(in: "staging").count == 1)
        }
        #expect(try folder.names(in: "staging") == [])
        #expect(bench.blobs.commitCount.load(ordering: .relaxed) == 0)
    }
}
