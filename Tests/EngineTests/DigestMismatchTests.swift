import Backends
import Digests
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization
import Testing

/// Charts whose bytes are not those of the index's digest, by what the operator chose.
@Suite(.timeLimit(.minutes(5))) struct DigestMismatchTests {
    private typealias Chart = ChartBench.Chart

    /// What the index promises, and what there is in its place now and later.
    private static let listed = Chart("web", "1.0.0")
    private static func changed(_ seed: String, byteCount: Int = 1_000) -> Chart {
        var chart = listed
        chart.bytes = Chart("other", seed, byteCount: byteCount).bytes
        return chart
    }
    private static let first = changed("1")
    private static let later = changed("2")
    /// More than the size up to which charts are verified before they are sent anyway.
    private static let large = changed("3", byteCount: 11 << 20)

    private func bench(_ mismatch: DigestMismatch, restarting: Bench? = nil) -> Bench {
        let bench = Bench(restarting: restarting, mounts: [ChartBench.mount(mismatch)])
        ChartBench.publish([Self.listed], on: bench)
        serve(Self.first, bench)
        return bench
    }

    private func serve(_ chart: ChartBench.Chart, _ bench: Bench) {
        bench.upstream.set(chart.url, .init(pieces: [chart.bytes]))
    }

    private func failures(_ bench: Bench) -> [String] {
        bench.observer.counts.withLock { $0.integrityFailures }
    }

    private func pin(_ bench: Bench) async throws -> BlobDigest? {
        try await bench.metadata.pin(for: Self.listed.key)
    }

    @Test(
        "the index is asked again first, and all is well if its digest fits then",
        arguments: DigestMismatch.allCases)
    func asked(_ mismatch: DigestMismatch) async throws {
        try await Bench.run(bench(mismatch)) { bench in
            _ = try await bench.get(ChartBench.path)
            bench.time.advance(seconds: 10)
            ChartBench.publish([Self.first], on: bench)
            let got = try await bench.get(Self.listed.request)
            #expect(got.status == 200 && got.body == Self.first.bytes && !got.isBroken)
            #expect(bench.upstream.requests(of: ChartBench.index).count == 2)
            #expect(failures(bench) == [])
        }
    }

    @Test("refuse: 502, counted, and nothing is stored")
    func refused() async throws {
        try await Bench.run(bench(.refuse)) { bench in
            let got = try await bench.get(Self.listed.request)
            #expect(got.status == 502 && failures(bench) == ["upstream-body"])
            guard case .absent = bench.blobs.find(.of(Self.first.bytes)) else {
                Issue.record("wrong bytes were stored")
                return
            }
            #expect(try await pin(bench) == nil)
        }
    }

    @Test(
        "pin and warn: sent with the tag of these bytes, stored, pinned, counted once",
        arguments: [DigestMismatch.pin, .warn])
    func taken(_ mismatch: DigestMismatch) async throws {
        let bench = bench(mismatch)
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let got = try await bench.get(Self.listed.request)
            #expect(got.status == 200 && got.body == Self.first.bytes && !got.isBroken)
            #expect(got.field("ETag") == "\"\(BlobDigest.of(Self.first.bytes).hex)\"")
            #expect(try await pin(bench) == .of(Self.first.bytes))
            #expect(failures(bench) == ["index-digest"])
            let events = try await bench.metadata.recent(limit: 9)
            #expect(events.map(\.kind) == [.integrityFailure])
            #expect(events.map(\.subject) == [Self.listed.file])
            // Neither a newer index that says the same nor a look makes it fetched again.
            let count = bench.upstream.requests(of: Self.listed.url).count
            bench.time.advance(seconds: 301)
            ChartBench.publish(
                ChartBench.text([Self.listed, Chart("web", "1.1.0")]), on: bench)
            let index = try await bench.get(ChartBench.path)
            #expect(index.text.contains("web-1.1.0.tgz"))
            let warm = try await bench.get(Self.listed.request)
            #expect(warm.field("Cache-Status") == "larder; hit" && warm.body == got.body)
            #expect(warm.field("ETag") == got.field("ETag"))
            #expect(bench.upstream.requests(of: Self.listed.url).count == count)
        }
        let restarted = self.bench(mismatch, restarting: bench)
        try await Bench.run(restarted) { bench in
            let got = try await bench.get(Self.listed.request)
            #expect(got.body == Self.first.bytes && got.field("Cache-Status") == "larder; hit")
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("pin: other bytes later are refused, the first ones are not")
    func pinned() async throws {
        let first = bench(.pin)
        try await Bench.run(first) { bench in
            #expect(try await bench.get(Self.listed.request).status == 200)
            try await bench.metadata.remove(Self.listed.key)
        }
        let second = bench(.pin, restarting: first)
        serve(Self.later, second)
        try await Bench.run(second) { bench in
            let refused = try await bench.get(Self.listed.request)
            #expect(refused.status == 502 && failures(bench) == ["pin"])
            guard case .absent = bench.blobs.find(.of(Self.later.bytes)) else {
                Issue.record("other bytes were stored")
                return
            }
            serve(Self.first, bench)
            #expect(try await bench.get(Self.listed.request).body == Self.first.bytes)
        }
    }

    @Test("warn: other bytes later are sent and stored, counted, and the pin stays")
    func warned() async throws {
        let first = bench(.warn)
        try await Bench.run(first) { bench in
            #expect(try await bench.get(Self.listed.request).status == 200)
            try await bench.metadata.remove(Self.listed.key)
        }
        let second = bench(.warn, restarting: first)
        serve(Self.later, second)
        try await Bench.run(second) { bench in
            let got = try await bench.get(Self.listed.request)
            #expect(got.status == 200 && got.body == Self.later.bytes)
            #expect(got.field("ETag") == "\"\(BlobDigest.of(Self.later.bytes).hex)\"")
            #expect(failures(bench) == ["index-digest", "pin"])
            #expect(try await pin(bench) == .of(Self.first.bytes))
            #expect(
                try await bench.get(Self.listed.request).field("Cache-Status") == "larder; hit")
        }
    }

    @Test("an index that promises yet another digest is asked for it")
    func promisedAnew() async throws {
        try await Bench.run(bench(.warn)) { bench in
            bench.time.holdPauses()
            #expect(try await bench.get(Self.listed.request).body == Self.first.bytes)
            bench.time.advance(seconds: 301)
            ChartBench.publish([Self.later], on: bench)
            _ = try await bench.get(ChartBench.path)
            let got = try await bench.get(Self.listed.request)
            #expect(got.body == Self.later.bytes && failures(bench) == ["index-digest", "pin"])
        }
    }

    @Test(
        "a large chart: nobody has a head before it is known which bytes these are",
        arguments: DigestMismatch.allCases)
    func large(_ mismatch: DigestMismatch) async throws {
        let bench = bench(mismatch)
        serve(Self.large, bench)
        try await Bench.run(bench) { bench in
            let got = try await bench.get(Self.listed.request)
            guard mismatch != .refuse else {
                #expect(got.isBroken || got.status == 502)
                return
            }
            #expect(got.status == 200 && !got.isBroken && got.body == Self.large.bytes)
            #expect(got.field("ETag") == "\"\(BlobDigest.of(Self.large.bytes).hex)\"")
        }
    }

    @Test(
        "what is no chart, or breaks off, is refused whatever is chosen",
        arguments: DigestMismatch.allCases)
    func wrong(_ mismatch: DigestMismatch) async throws {
        let scripts: [FakeUpstream.Script] = [
            .init(pieces: [Array("<!DOCTYPE html><html></html>".utf8)]),
            .init(pieces: [Self.first.bytes], byteCount: 2_000, ending: .truncated),
        ]
        for script in scripts {
            let bench = bench(mismatch)
            bench.upstream.set(Self.listed.url, script)
            try await Bench.run(bench) { bench in
                let got = try await bench.get(Self.listed.request)
                #expect(got.status == 502)
                #expect(try await pin(bench) == nil)
            }
        }
    }
}
