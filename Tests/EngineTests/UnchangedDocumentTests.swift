import Backends
import Engine
import HTTPModel
import Synchronization
import Testing

/// Answers of 200 that bring what is stored already.
@Suite(.timeLimit(.minutes(5))) struct UnchangedDocumentTests {
    private static let url = "\(TestAdapter.root)/doc/p"

    private static func tagged(
        _ tag: String, _ lines: String..., type: String = "text/plain"
    ) -> FakeUpstream.Script {
        var script = document(lines.joined(separator: "\n"))
        script.headers = [("etag", tag), ("content-type", type), ("cache-control", "max-age=60")]
        return script
    }

    @Test("the same tag: nothing is read, and it is fresh again", arguments: ["\"1\"", "W/\"1\""])
    func sameTag(_ tag: String) async throws {
        let adapter = LineAdapter()
        let bench = adapter.bench()
        bench.upstream.set(Self.url, Self.tagged(tag, "a.tgz 00 1 0"))
        try await Bench.run(bench) { bench in
            let cold = try await bench.get("/s/doc/p")
            let read = adapter.meters.fetched.total
            bench.time.advance(seconds: 61)
            // Garbage that would be refused if anybody read it.
            bench.upstream.set(Self.url, Self.tagged(tag, "bad"))
            let warm = try await bench.get("/s/doc/p")
            #expect(warm.body == cold.body && warm.field("ETag") == cold.field("ETag"))
            #expect(warm.field("Cache-Control") == "public, max-age=60")
            #expect(bench.upstream.requests(of: Self.url).last?.ifNoneMatch == tag)
            #expect(adapter.meters.fetched.total == read)
            #expect(adapter.rewrites.names.withLock { $0.count } == 1)
            #expect(bench.observer.counts.withLock { $0.documentsRefused } == 0)
        }
    }

    @Test("the same tag under another type is another document")
    func otherType() async throws {
        let bench = LineAdapter().bench()
        bench.upstream.set(Self.url, Self.tagged("\"1\"", "a.tgz 00 1 0"))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/s/doc/p")
            bench.time.advance(seconds: 61)
            bench.upstream.set(Self.url, Self.tagged("\"1\"", "b.tgz 00 1 0", type: "text/html"))
            #expect(try await bench.get("/s/doc/p").text == "rendered ok\nb.tgz 00 1 0")
        }
    }

    @Test("the same bytes are neither stored nor rendered again")
    func sameBytes() async throws {
        let adapter = LineAdapter()
        let bench = adapter.bench()
        bench.upstream.set(Self.url, document("a.tgz 00 1 0"))
        try await Bench.run(bench) { bench in
            _ = try await bench.get("/s/doc/p")
            let commits = bench.blobs.commitCount.load(ordering: .relaxed)
            bench.time.advance(seconds: 301)
            let warm = try await bench.get("/s/doc/p")
            #expect(warm.field("Cache-Control") == "public, max-age=300")
            #expect(bench.upstream.requestCount == 2)
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) == commits)
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            #expect(adapter.rewrites.names.withLock { $0.count } == 1)
        }
    }

    @Test("the same bytes are stored after all when the disk had no room the first time")
    func sameBytesWithRoom() async throws {
        let bench = LineAdapter().bench()
        bench.upstream.set(Self.url, document("a.tgz 00 1 0"))
        bench.blobs.faults.withLock { $0.failsToStage = true }
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == 200)
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) == 0)
            bench.blobs.faults.withLock { $0 = .init() }
            bench.time.advance(seconds: 301)
            #expect(try await bench.get("/s/doc/p").status == 200)
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) > 0)
        }
    }
}
