import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// A disk that takes nothing: clients still get their bytes, nothing is damaged, and it is told.
@Suite(.timeLimit(.minutes(5))) struct FullDiskTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let faults: FaultyBlobs.Faults
    }

    static let rows: [Row] = [
        .init(testDescription: "full from the start", faults: .init(failsToStage: true)),
        .init(testDescription: "full in the middle", faults: .init(room: 700_000)),
        .init(testDescription: "a failing sync", faults: .init(failsToCommit: true)),
    ]

    @Test("a file is relayed and not stored; with room again it is", arguments: rows)
    func relay(_ row: Row) async throws {
        let file = TestFile("p/a.whl", byteCount: 3_000_000)
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        bench.blobs.faults.withLock { $0 = row.faults }
        try await Bench.run(bench) { bench in
            let page = try await bench.get("/t/doc/p")
            #expect(page.status == 200)
            let got = try await bench.get(file.request)
            #expect(got.status == 200)
            #expect(got.body == file.bytes)
            #expect(!got.isBroken)
            #expect(bench.observer.counts.withLock { $0.storeFailures } > 0)
            guard case .absent = bench.blobs.find(file.digest) else {
                Issue.record("something was stored")
                return
            }
            bench.blobs.faults.withLock { $0 = .init() }
            await bench.idle()
            #expect(try await bench.get(file.request).body == file.bytes)
            let warm = try await bench.get(file.request)
            #expect(warm.field("Cache-Status") == "larder; hit")
        }
    }

    @Test("a small file that is fetched before its client looks again costs one fetch")
    func fasterThanItsClient() async throws {
        let file = TestFile("p/a.whl", byteCount: 900)
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        bench.blobs.faults.withLock { $0.failsToCommit = true }
        try await Bench.run(bench) { bench in
            let head = RequestHead(
                method: .get, target: try RequestTarget(Array(file.request.utf8)))
            var answer = bench.engine.answer(head)
            while case .pending(let pending) = answer {
                // The client sleeps until everything is over.
                await bench.news(of: pending.fill)
                await bench.idle()
                answer = bench.engine.resume(pending, for: head, after: .news)
            }
            guard case .reply(let reply) = answer else { return }
            #expect(reply.status == 200)
            #expect(bench.upstream.requests(of: file.url).count == 1)
        }
    }

    @Test("a relayed body with wrong bytes is broken off as well")
    func relayedCorruption() async throws {
        let file = TestFile("p/a.whl", byteCount: 300_000)
        var pieces = file.pieces
        pieces[pieces.count - 1][0] ^= 1
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        let gate = Gate()
        bench.upstream.set(file.url, .init(pieces: pieces, bodyGate: gate))
        bench.blobs.faults.withLock { $0.failsToStage = true }
        try await Bench.run(bench) { bench in
            let got = try await bench.get(file.request, whenFollowing: gate.open)
            #expect(got.isBroken)
        }
    }

    @Test("a stored body that cannot be read is fetched, and served again once it can be read")
    func unreadable() async throws {
        let file = TestFile("p/a.whl", byteCount: 300_000)
        let bench = Bench()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(file.line()))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            let page = try await bench.get("/t/doc/p")
            #expect(try await bench.get(file.request).body == file.bytes)
            await bench.idle()
            bench.blobs.faults.withLock {
                $0.failsToRead = true
                $0.failsToCommit = true
            }
            for _ in 0..<2 {
                let got = try await bench.get(file.request)
                #expect(got.status == 200 && got.body == file.bytes && !got.isBroken)
                let again = try await bench.get("/t/doc/p")
                #expect(again.status == 200 && again.body == page.body)
                await bench.idle()
            }
            #expect(bench.observer.counts.withLock { $0.storeFailures } > 0)
            bench.blobs.faults.withLock { $0 = .init() }
            let count = bench.upstream.requests(of: file.url).count
            #expect(try await bench.get(file.request).field("Cache-Status") == "larder; hit")
            #expect(bench.upstream.requests(of: file.url).count == count)
        }
    }

    @Test("what the disk gives back wrong is not kept in memory, nor served")
    func misread() async throws {
        for faults in [FaultyBlobs.Faults(failsToCommit: true), .init(room: 10)] {
            let file = TestFile("p/a.whl", byteCount: 900)
            let bench = Bench()
            var script = document(file.line())
            script.pieces = script.pieces[0].map { [$0] }
            bench.upstream.set("\(TestAdapter.root)/doc/p", script)
            bench.blobs.faults.withLock {
                $0 = faults
                $0.misreads = true
            }
            try await Bench.run(bench) { bench in
                let wrong = try await bench.get("/t/doc/p")
                #expect(wrong.status == 503)
                await bench.idle()
                bench.blobs.faults.withLock { $0.misreads = false }
                let right = try await bench.get("/t/doc/p")
                #expect(right.status == 200 && right.text.hasPrefix("rendered ok\na.whl"))
                #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
            }
        }
    }
}
