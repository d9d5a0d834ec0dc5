import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ArtifactTests {
    /// A bench whose upstream has one project with one file.
    private func bench(_ file: TestFile) -> Bench {
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        return bench
    }

    @Test("a cold file is fetched once, then served from the store with the same tag")
    func coldThenWarm() async throws {
        let file = TestFile("p/a.whl", byteCount: 300_000)
        let gate = Gate()
        let bench = bench(file)
        bench.upstream.set(file.url, .init(pieces: file.pieces, bodyGate: gate))
        try await Bench.run(bench) { bench in
            let cold = try await bench.get(file.request, whenFollowing: gate.open)
            #expect(cold.status == 200)
            #expect(cold.body == file.bytes)
            #expect(cold.field("Cache-Status") == "larder; fwd=uri-miss; fwd-status=200; stored")
            let warm = try await bench.get(file.request)
            #expect(warm.body == file.bytes)
            #expect(warm.field("Cache-Status") == "larder; hit")
            #expect(warm.field("ETag") == "\"\(file.digest.hex)\"")
            #expect(cold.field("ETag") == warm.field("ETag"))
            #expect(warm.field("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(bench.upstream.requests(of: file.url).count == 1)
        }
    }

    @Test("a hundred requests for a cold file are one fetch")
    func collapsed() async throws {
        let file = TestFile("p/a.whl", byteCount: 500_000)
        try await Bench.run(bench(file)) { bench in
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<100 { group.addTask { try await bench.get(file.request).body } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(bodies.count == 100)
            #expect(bodies.allSatisfy { $0 == file.bytes })
            #expect(bench.upstream.requests(of: file.url).count == 1)
        }
    }

    struct CorruptRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (TestFile) -> FakeUpstream.Script
        /// A body that fits into the held-back tail fails before its head was sent.
        var byteCount = 300_000
        /// What the client gets: a broken transfer, or this status.
        var status: Int?
    }

    static let corrupt: [CorruptRow] = [
        .init(
            testDescription: "first byte wrong",
            change: { file in
                var pieces = file.pieces
                pieces[0][0] ^= 1
                return .init(pieces: pieces)
            }),
        .init(
            testDescription: "last byte wrong",
            change: { file in
                var pieces = file.pieces
                pieces[pieces.count - 1][pieces[pieces.count - 1].count - 1] ^= 1
                return .init(pieces: pieces)
            }),
        .init(
            testDescription: "broken off",
            change: {
                .init(
                    pieces: Array($0.pieces.dropLast()), byteCount: $0.bytes.count,
                    ending: .truncated)
            }),
        .init(
            testDescription: "one byte too few, as if that were all",
            change: { file in
                var pieces = file.pieces
                pieces[pieces.count - 1].removeLast()
                return .init(pieces: pieces, hasLength: false)
            }),
        .init(
            testDescription: "one byte too many",
            change: { .init(pieces: $0.pieces + [[0]], hasLength: false) }),
        .init(
            testDescription: "declared length differs: refused before a byte",
            change: { .init(pieces: $0.pieces + [[0]]) }, status: 502),
        .init(
            testDescription: "a small wrong body is refused before a byte",
            change: { .init(pieces: [Array(repeating: 7, count: $0.bytes.count)]) },
            byteCount: 4_000, status: 502),
        .init(
            testDescription: "a login page with 200",
            change: { _ in .init(pieces: [Array("<html>log in</html>".utf8)], hasLength: false) },
            status: 502),
    ]

    @Test("wrong bytes never end as a complete body and are never stored", arguments: corrupt)
    func corruption(_ row: CorruptRow) async throws {
        let file = TestFile("p/a.whl", byteCount: row.byteCount)
        let bench = bench(file)
        let gate = Gate()
        var script = row.change(file)
        if row.status == nil { script.bodyGate = gate }
        bench.upstream.set(file.url, script, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(file.request, whenFollowing: gate.open)
            if let status = row.status {
                #expect(got.status == status)
            } else {
                #expect(got.isBroken)
                #expect(got.body.count < file.bytes.count)
            }
            #expect(bench.observer.counts.withLock { $0.integrityFailures } == ["upstream-body"])
            guard case .absent = bench.blobs.find(file.digest) else {
                Issue.record("something was stored")
                return
            }
            let again = try await bench.get(file.request)
            #expect(again.body == file.bytes, "the next request tries again")
        }
    }

    @Test("a file asked for alone brings its document; one that no document names is 404")
    func learnsItsDigest() async throws {
        let file = TestFile("p/a.whl", byteCount: 1_000)
        try await Bench.run(bench(file)) { bench in
            #expect(try await bench.get(file.request).body == file.bytes)
            #expect(bench.upstream.requests(of: "\(TestAdapter.root)/doc/p").count == 1)
            let other = try await bench.get("/t/file/p/other.whl")
            #expect(other.status == 404)
            #expect(other.text.contains("does not list"))
            #expect(bench.upstream.requests(of: "\(TestAdapter.root)/file/p/other.whl").isEmpty)
            let again = try await bench.get("/t/file/p/other.whl")
            #expect(again.field("Cache-Status")?.contains("negative") == true)
        }
    }

    @Test("a file newer than our copy of its document is found by validating the document")
    func newerThanItsDocument() async throws {
        let old = TestFile("p/a.whl", byteCount: 10)
        let new = TestFile("p/b.whl", byteCount: 20)
        try await Bench.run(bench(old)) { bench in
            _ = try await bench.get("/t/doc/p")
            bench.upstream.set("\(TestAdapter.root)/doc/p", document(old.line(), new.line()))
            bench.upstream.set(new.url, .init(pieces: new.pieces))
            bench.time.advance(seconds: 6)
            #expect(try await bench.get(new.request).body == new.bytes)
        }
    }

    @Test("after a restart, and with the upstream gone, a stored file is a hit")
    func restart() async throws {
        let file = TestFile("p/a.whl", byteCount: 200_000)
        let first = bench(file)
        try await Bench.run(first) { _ = try await $0.get(file.request) }
        try await Bench.run(Bench(restarting: first)) { bench in
            let got = try await bench.get(file.request)
            #expect(got.body == file.bytes)
            #expect(got.field("Cache-Status") == "larder; hit")
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("a row whose blob is gone is a miss and a repair, rule I8")
    func lostBlob() async throws {
        let file = TestFile("p/a.whl", byteCount: 2_000)
        try await Bench.run(bench(file)) { bench in
            _ = try await bench.get(file.request)
            try await bench.blobs.delete(file.digest)
            #expect(try await bench.get(file.request).body == file.bytes)
            #expect(bench.upstream.requests(of: file.url).count == 2)
        }
    }

    @Test("other bytes than those first seen are refused, rule I3")
    func pins() async throws {
        let file = TestFile("p/a.whl", byteCount: 200_000)
        let other = TestFile("p/a.whl", byteCount: 200_001)
        try await Bench.run(bench(file)) { bench in
            _ = try await bench.get(file.request)
            try await bench.metadata.remove(
                CacheKey(.artifact("p/a.whl"), of: TestAdapter().identity))
            let next = Bench(restarting: bench)
            next.upstream.set("\(TestAdapter.root)/doc/p", document(other.line()))
            let gate = Gate()
            next.upstream.set(file.url, .init(pieces: other.pieces, bodyGate: gate))
            next.time.advance(seconds: 1_000)
            try await Bench.run(next) { next in
                _ = try await next.get("/t/doc/p")
                let got = try await next.get(file.request, whenFollowing: gate.open)
                #expect(got.isBroken)
                #expect(next.observer.counts.withLock { $0.integrityFailures } == ["pin"])
            }
        }
    }

    @Test("the first client leaves, and the others get everything")
    func firstClientLeaves() async throws {
        let file = TestFile("p/a.whl", byteCount: 400_000)
        let gate = Gate()
        let bench = bench(file)
        bench.upstream.set(file.url, .init(pieces: file.pieces, bodyGate: gate))
        try await Bench.run(bench) { bench in
            let head = RequestHead(
                method: .get, target: try RequestTarget(Array(file.request.utf8)))
            var answer = bench.engine.answer(head)
            async let other = bench.get(file.request)
            while case .pending(let pending) = answer {
                await bench.news(of: pending.fill)
                answer = bench.engine.resume(pending, for: head, after: .news)
            }
            await gate.arrivals(1)
            // Nobody asks for `head` any more.
            gate.open()
            #expect(try await other.body == file.bytes)
            #expect(bench.upstream.requests(of: file.url).count == 1)
        }
    }

    @Test("too many fetches under way: 503 with Retry-After, at once")
    func busy() async throws {
        let file = TestFile("p/a.whl", byteCount: 10)
        let gate = Gate()
        let bench = Bench { $0.pageLimit = 1 }
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set("\(TestAdapter.root)/doc/slow", .init(gate: gate))
        try await Bench.run(bench) { bench in
            async let slow = bench.get("/t/doc/slow")
            await gate.arrivals(1)
            let got = try await bench.get("/t/doc/p")
            #expect(got.status == 503)
            #expect(got.field("Retry-After") == "1")
            gate.open()
            _ = try await slow
        }
    }

    @Test("eviction takes what was used longest ago, and its blob")
    func eviction() async throws {
        let old = TestFile("p/a.whl", byteCount: 5_000)
        let new = TestFile("p/b.whl", byteCount: 6_000)
        let bench = Bench { $0.eviction = .init(limitBytes: 9_000) }
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(old.line(), new.line()))
        for file in [old, new] { bench.upstream.set(file.url, .init(pieces: file.pieces)) }
        try await Bench.run(bench) { bench in
            _ = try await bench.get(old.request)
            bench.time.advance(seconds: 10)
            _ = try await bench.get(new.request)
            bench.time.advance(seconds: 10)
            _ = try await bench.get(new.request)
            await bench.engine.evict()
            guard case .absent = bench.blobs.find(old.digest) else {
                Issue.record("the old file is still there")
                return
            }
            let kept = try await bench.get(new.request)
            #expect(kept.field("Cache-Status") == "larder; hit")
            #expect(try await bench.get(old.request).body == old.bytes)
        }
    }
}
