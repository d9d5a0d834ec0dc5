import Backends
import Digests
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization
import Testing

/// Entries that a chart repository removes from its index.
@Suite(.timeLimit(.minutes(5))) struct PrunedEntryTests {
    private typealias Chart = ChartBench.Chart

    private static let web = (0..<6).map { Chart("web", "1.\($0).0") }
    private static let tool = Chart("tool", "0.1.0")
    private static let all = web + [tool]
    private static let left = Array(web[2...])

    private func bench(_ keepsPruned: Bool = true, restarting: Bench? = nil) -> Bench {
        Bench(restarting: restarting, mounts: [ChartBench.mount(keepsPruned: keepsPruned)])
    }

    /// Brings the whole index, and pulls these charts.
    private func warm(
        _ bench: Bench, _ charts: [ChartBench.Chart], tag: String? = nil
    ) async throws {
        bench.time.holdPauses()
        ChartBench.publish(Self.all, tag: tag, on: bench)
        for chart in charts {
            let got = try await bench.get(chart.request)
            #expect(got.status == 200 && got.body == chart.bytes)
        }
        let index = try await bench.get(ChartBench.path)
        #expect(index.status == 200)
    }

    /// The files that the served index names, in its order.
    private func files(_ got: Bench.Got) -> [String] {
        got.text.split(separator: "\"urls\":[\"").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
    }

    private func later(_ bench: Bench) async throws -> Bench.Got {
        bench.time.advance(seconds: 301)
        let got = try await bench.get(ChartBench.path)
        #expect(got.status == 200)
        return got
    }

    @Test("what is stored stays in the index behind its chart's others; what is not goes")
    func kept() async throws {
        try await Bench.run(bench()) { bench in
            try await warm(bench, [Self.web[1], Self.tool])
            ChartBench.publish(Self.left, on: bench)
            let got = try await later(bench)
            let names = (Self.left + [Self.web[1], Self.tool]).map(\.file)
            #expect(files(got) == names && got.text.contains(#""appVersion":"1.10""#))
            #expect(got.text.contains(#""generated":"2026-01-02T03:04:05Z""#))
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            // Both are served from the store, and the one that was never pulled is not known.
            for chart in [Self.web[1], Self.tool] {
                #expect(try await bench.get(chart.request).field("Cache-Status") == "larder; hit")
            }
            #expect(try await bench.get(Self.web[0].request).status == 404)
        }
    }

    @Test("without the setting the entries go, and what is stored is served all the same")
    func off() async throws {
        try await Bench.run(bench(false)) { bench in
            try await warm(bench, [Self.web[1]])
            ChartBench.publish(Self.left, on: bench)
            #expect(files(try await later(bench)) == Self.left.map(\.file))
            let got = try await bench.get(Self.web[1].request)
            #expect(got.body == Self.web[1].bytes && got.field("Cache-Status") == "larder; hit")
            #expect(try await bench.get(Self.web[0].request).status == 404)
        }
    }

    @Test(
        "an unchanged upstream changes nothing, with a tag and without", arguments: ["\"2\"", nil])
    func unchanged(_ tag: String?) async throws {
        try await Bench.run(bench()) { bench in
            try await warm(bench, [Self.web[1]], tag: tag.map { _ in "\"1\"" })
            ChartBench.publish(Self.left, tag: tag, on: bench)
            let first = try await later(bench)
            let commits = bench.blobs.commitCount.load(ordering: .relaxed)
            // Even if the archive is gone by then.
            try await bench.metadata.remove(Self.web[1].key)
            let second = try await later(bench)
            #expect(second.body == first.body && second.field("ETag") == first.field("ETag"))
            #expect(second.field("Cache-Control") == "public, max-age=300")
            #expect(bench.blobs.commitCount.load(ordering: .relaxed) == commits)
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            #expect(bench.upstream.requests(of: ChartBench.index).count == 3)
        }
    }

    @Test("further changes keep what is still stored, in the same order; the rest goes")
    func changes() async throws {
        try await Bench.run(bench()) { bench in
            try await warm(bench, [Self.web[0], Self.web[1], Self.web[5]])
            ChartBench.publish(Self.left, on: bench)
            let kept = (Self.left + [Self.web[0], Self.web[1]]).map(\.file)
            #expect(files(try await later(bench)) == kept)
            ChartBench.publish(Array(Self.web[2...4]), on: bench)
            let more = try await later(bench)
            #expect(
                files(more) == (Self.web[2...4] + [Self.web[5]] + Self.web[0...1]).map(\.file))
            try await bench.metadata.remove(Self.web[0].key)
            let new = Chart("web", "2.0.0")
            ChartBench.publish([new] + Self.web[2...4], on: bench)
            let last = try await later(bench)
            let order = [new] + Self.web[2...4] + [Self.web[5], Self.web[1]]
            #expect(files(last) == order.map(\.file))
            // What comes back is the upstream's own again.
            ChartBench.publish([new, Self.web[1]] + Self.web[2...4], on: bench)
            let back = [new, Self.web[1]] + Self.web[2...4] + [Self.web[5]]
            #expect(files(try await later(bench)) == back.map(\.file))
        }
    }

    @Test("a lost blob of a kept entry is fetched again while the upstream has the file")
    func lost() async throws {
        try await Bench.run(bench()) { bench in
            try await warm(bench, [Self.web[1]])
            ChartBench.publish(Self.left, on: bench)
            _ = try await later(bench)
            try await bench.blobs.delete(.of(Self.web[1].bytes))
            let got = try await bench.get(Self.web[1].request)
            #expect(got.status == 200 && got.body == Self.web[1].bytes)
            #expect(bench.upstream.requests(of: Self.web[1].url).count == 2)
        }
    }

    @Test("the guard counts the upstream's own entries, and an accepted index keeps stored ones")
    func guarded() async throws {
        try await Bench.run(bench()) { bench in
            try await warm(bench, Self.all)
            ChartBench.publish(Array(Self.web[2...]), on: bench)
            #expect(files(try await later(bench)).count == 7)
            // Two of the upstream's four, and of seven.
            ChartBench.publish(Array(Self.web[4...]), on: bench)
            let taken = try await later(bench)
            #expect(files(taken).count == 7 && bench.observer.counts.withLock { $0.heldBack } == [])
            ChartBench.publish([], on: bench)
            #expect(try await later(bench).body == taken.body)
            #expect(bench.observer.counts.withLock { $0.heldBack }.count == 1)
            let key = CacheKey(.document("index.yaml"), of: ChartBench.mount().adapter.identity)
            try await bench.metadata.accept(key, until: .max)
            #expect(Set(files(try await later(bench))) == Set(Self.all.map(\.file)))
        }
    }

    @Test("the same bytes after a restart; with the setting off the entries go at the next look")
    func restart() async throws {
        let first = bench()
        let body = Mutex<[UInt8]>([])
        try await Bench.run(first) { bench in
            try await warm(bench, [Self.web[1]], tag: "\"1\"")
            ChartBench.publish(Self.left, tag: "\"2\"", on: bench)
            let got = try await later(bench)
            body.withLock { $0 = got.body }
        }
        let second = bench(restarting: first)
        try await Bench.run(second) { bench in
            bench.time.holdPauses()
            bench.time.advance(seconds: 301)
            let got = try await bench.get(ChartBench.path)
            #expect(got.body == body.withLock { $0 })
            #expect(bench.upstream.requestCount == 0)
        }
        let third = bench(false, restarting: first)
        try await Bench.run(third) { bench in
            bench.time.holdPauses()
            ChartBench.publish(Self.left, tag: "\"2\"", on: bench)
            bench.time.advance(seconds: 1_000)
            let got = try await bench.get(ChartBench.path)
            #expect(files(got) == Self.left.map(\.file))
        }
    }
}
