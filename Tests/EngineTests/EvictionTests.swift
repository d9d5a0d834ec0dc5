import Backends
import CacheRules
import Conformance
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// Rounds of eviction: their order, what stays in an outage, and many at once.
@Suite(.timeLimit(.minutes(5))) struct EvictionTests {
    private static let now: Int64 = 1_000_000_000

    /// A database whose rows are of 10 bytes each, and used so many seconds ago.
    private static func metadata(
        _ idle: [(StoredResponse.Kind, String, Int64)]
    ) async throws -> MemoryMetadata {
        let metadata = MemoryMetadata()
        for (kind, name, seconds) in idle {
            let body = BlobDigest.of(Array(name.utf8))
            let key: CacheKey =
                switch kind {
                case .artifact: MetadataSamples.artifact(name)
                case .document: MetadataSamples.document(name)
                case .rendering: CacheKey(renderingOf: body.hex, recipe: name)
                }
            try await metadata.store(
                StoredResponse(
                    key: key, kind: kind, headers: Headers(), body: body, byteCount: 10,
                    entityTag: nil, storedAt: now - seconds, validatedAt: now, lifetimeSeconds: 1),
                facts: [])
        }
        return metadata
    }

    /// The keys that went, in their order.
    private static func gone(
        _ metadata: MemoryMetadata, downTo goal: Int, from places: inout EvictionPlaces,
        keeping kept: Set<CacheKey> = []
    ) async throws -> [CacheKey] {
        let gone = Mutex<[CacheKey]>([])
        var eviction = Eviction(
            responses: metadata, delete: { (_, _) async throws(StoreError) in },
            forget: { key in gone.withLock { $0.append(key) } })
        eviction.lookLimit = 1_000
        try await eviction.run(
            at: now, from: &places, isProtected: { kept.contains($0) },
            excess: { $0.byteCount - goal })
        return gone.withLock { $0 }
    }

    @Test("renderings that nobody uses, then files, then what is left")
    func order() async throws {
        let metadata = try await Self.metadata([
            (.document, "page", 9_000), (.artifact, "new", 10), (.artifact, "old", 5_000),
            (.rendering, "idle", 90_000), (.rendering, "used", 100),
        ])
        var places = EvictionPlaces()
        let gone = try await Self.gone(metadata, downTo: 0, from: &places)
        let names = gone.map { key in
            ["page", "new", "old", "idle", "used"].first { key.text.contains($0) } ?? ""
        }
        #expect(names == ["idle", "old", "new", "used", "page"])
        #expect(try await metadata.totals().byteCount == 0)
    }

    @Test("it ends when enough went")
    func enough() async throws {
        let metadata = try await Self.metadata(
            (0..<1_000).map { (.artifact, "f\($0)", Int64(5_000 - $0)) })
        var places = EvictionPlaces()
        let gone = try await Self.gone(metadata, downTo: 3_000, from: &places)
        #expect(gone.count == 700)
        #expect(gone.first == MetadataSamples.artifact("f0"))
        #expect(gone.last == MetadataSamples.artifact("f699"))
    }

    @Test("on a full disk a body goes before its row, though the row names it still")
    func fullDisk() async throws {
        let inner = try await Self.metadata([(.artifact, "a", 9), (.artifact, "b", 8)])
        let metadata = FaultyMetadata(inner)
        metadata.isFullOnce.withLock { $0 = true }
        let deleted = Mutex<[Bool]>([])
        let eviction = Eviction(
            responses: metadata,
            delete: { (bodies, isForced) async throws(StoreError) in
                deleted.withLock { $0 += bodies.map { _ in isForced } }
            })
        var places = EvictionPlaces()
        try await eviction.run(
            at: Self.now, from: &places, isProtected: { _ in false }, excess: { $0.byteCount })
        #expect(deleted.withLock { $0 } == [true, false])
        #expect(try await inner.totals().responseCount == 0)
    }

    @Test(
        "a paced round rests after each batch, and one that is far behind does not",
        arguments: [true, false])
    func pace(isNearLimit: Bool) async throws {
        let metadata = try await Self.metadata(
            (0..<300).map { (.artifact, "f\($0)", Int64(5_000 - $0)) })
        let time = FakeTime()
        let start = time.uptimeNanoseconds
        var eviction = Eviction(
            responses: metadata,
            delete: { (_, _) async throws(StoreError) in time.advance(seconds: 1) })
        eviction.pace = Eviction.Pace(
            time: time, rule: EvictionRule(limitBytes: isNearLimit ? 2_900 : 100))
        var places = EvictionPlaces()
        try await eviction.run(
            at: Self.now, from: &places, isProtected: { _ in false }, excess: { $0.byteCount })
        // Two batches of a second each, and rests of a second.
        let seconds = (time.uptimeNanoseconds - start) / 1_000_000_000
        #expect(seconds == (isNearLimit ? 4 : 2))
        #expect(try await metadata.totals().responseCount == 0)
    }

    @Test("what is used after it was read stays, and its body too")
    func usedMeanwhile() async throws {
        let metadata = try await Self.metadata([(.artifact, "a", 90), (.artifact, "b", 80)])
        let used = MetadataSamples.artifact("b")
        let deleted = Mutex(0)
        let eviction = Eviction(
            responses: metadata,
            delete: { (bodies, _) async throws(StoreError) in
                // While the first goes, the second is used, which was read with it.
                try await metadata.record([used: Self.now])
                deleted.withLock { $0 += bodies.count }
            })
        var places = EvictionPlaces()
        let looks = Mutex(0)
        try await eviction.run(at: Self.now, from: &places, isProtected: { _ in false }) { _ in
            looks.withLock { $0 += 1 }
            return looks.withLock { $0 } < 3 ? 10 : 0
        }
        #expect(deleted.withLock { $0 } == 1)
        #expect(try await metadata.response(for: used) != nil)
    }

    @Test("two rounds at once evict no more than one")
    func together() async throws {
        let metadata = try await Self.metadata(
            (0..<3_000).map { (.artifact, "f\($0)", Int64(5_000 - $0)) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var places = EvictionPlaces()
                    _ = try await Self.gone(metadata, downTo: 25_000, from: &places)
                }
            }
            try await group.waitForAll()
        }
        let left = try await metadata.totals().responseCount
        // A batch of each may be under way when enough went: two of the three take one of 256 rows
        // too many, but nobody another one.
        #expect((2_500 - 2 * 256...2_500).contains(left), "\(left)")
    }

    @Test("what is protected stays, and the next round goes on behind it")
    func protected() async throws {
        let metadata = try await Self.metadata(
            (0..<2_100).map { (.artifact, "f\($0)", Int64(50_000 - $0)) })
        let kept = Set((0..<2_050).map { MetadataSamples.artifact("f\($0)") })
        var places = EvictionPlaces()
        // One round looks at 1,000 rows, a page more or less.
        for _ in 0..<2 {
            #expect(
                try await Self.gone(metadata, downTo: 0, from: &places, keeping: kept).isEmpty)
        }
        let gone = try await Self.gone(metadata, downTo: 0, from: &places, keeping: kept)
        #expect(gone.count == 50)
        #expect(try await metadata.totals().responseCount == 2_050)
    }

    @Test("while files that stay are looked past, no document goes in their place")
    func mixed() async throws {
        let metadata = try await Self.metadata(
            (0..<2_100).map { (.artifact, "f\($0)", Int64(50_000 - $0)) } + [(.document, "page", 9)]
        )
        let kept = Set((0..<2_050).map { MetadataSamples.artifact("f\($0)") })
        var places = EvictionPlaces()
        let first = try await Self.gone(metadata, downTo: 0, from: &places, keeping: kept)
        #expect(first.isEmpty)
        // Rows that go do not count: far more of them than the limit go in one round.
        var start = EvictionPlaces()
        let all = try await Self.gone(metadata, downTo: 0, from: &start)
        #expect(all.count == 2_101)
        #expect(all.last == MetadataSamples.document("page"))
    }

    @Test("a full disk takes what was used longest ago, and not what was used just now")
    func usedJustNow() async throws {
        // Of one length they would have one body.
        let files = zip(["a", "b", "c"], 5_000...).map {
            TestFile("p/\($0).whl", byteCount: $1)
        }
        let bench = Bench()
        bench.upstream.set(
            OutageTests.url, document(files.map { $0.line() }.joined(separator: "\n")))
        for file in files { bench.upstream.set(file.url, .init(pieces: file.pieces)) }
        try await Bench.run(bench) { bench in
            for file in files.prefix(2) {
                let got = try await bench.get(file.request)
                #expect(got.body == file.bytes)
            }
            await bench.idle()
            bench.time.advance(seconds: 10)
            let hit = try await bench.get(files[0].request)
            #expect(hit.field("Cache-Status") == "larder; hit")
            bench.blobs.faults.withLock { $0.failsToStage = true }
            let relayed = try await bench.get(files[2].request)
            #expect(relayed.body == files[2].bytes)
            let end = ContinuousClock.now + .seconds(20)
            while Self.isStored(files[0], bench), Self.isStored(files[1], bench),
                ContinuousClock.now < end
            {
                await Task.yield()
            }
            let (used, idle) = (Self.isStored(files[0], bench), Self.isStored(files[1], bench))
            #expect(used && !idle)
        }
    }

    private static func isStored(_ file: TestFile, _ bench: Bench) -> Bool {
        if case .ready = bench.blobs.find(file.digest) { true } else { false }
    }

    @Test("files of an upstream that is down stay, until the disk is full")
    func outage() async throws {
        let file = TestFile("p/a.whl", byteCount: 5_000)
        let bench = Bench { $0.eviction = .init(limitBytes: 1) }
        bench.upstream.set(OutageTests.url, document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            _ = try await OutageTests.serve("/t/doc/p", bench)
            _ = try await OutageTests.serve(file.request, bench)
            try await OutageTests.breakOff(bench)
            await bench.engine.evict()
            #expect(try await bench.get(file.request).body == file.bytes)
            #expect(try await bench.get("/t/doc/p").status == 200)

            await bench.engine.evict(share: 20)
            guard case .absent = bench.blobs.find(file.digest) else {
                Issue.record("the file is still there")
                return
            }
        }
    }
}
