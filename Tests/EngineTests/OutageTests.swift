import Backends
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// Outages as rows, and what was served meanwhile.
@Suite(.serialized, .timeLimit(.minutes(5))) struct OutageTests {
    static let url = "\(TestAdapter.root)/doc/p"
    static let file = TestFile("p/a.whl", byteCount: 3)

    func bench(restarting other: Bench? = nil) -> Bench {
        let bench = Bench(restarting: other) { $0.operationsInterval = .seconds(30) }
        bench.upstream.set(Self.url, document(Self.file.line()))
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        return bench
    }

    /// Asks as a server would, which tells the engine how it ended.
    static func serve(_ path: String, _ bench: Bench) async throws -> RequestRecord {
        let (reply, _) = try await bench.reply(path)
        var head = RequestHead(method: .get, target: try RequestTarget(Array(path.utf8)))
        head.host = "localhost"
        bench.engine.finished(
            head,
            RequestOutcome(
                record: reply.record, status: reply.status, bodyBytes: 1, nanoseconds: 1,
                isComplete: true))
        return reply.record
    }

    /// Has the document validated in vain until the breaker opens.
    static func breakOff(_ bench: Bench) async throws {
        bench.upstream.set(url, .init(failure: .unreachable(code: 7)))
        bench.time.advance(seconds: 400)
        for _ in 0..<3 { #expect(try await serve("/t/doc/p", bench).isDuringOutage) }
        #expect(bench.observer.counts.withLock { $0.outages } == [false])
    }

    static func rows(
        _ bench: Bench, until done: ([Outage]) -> Bool
    ) async throws
        -> [Outage]
    {
        while true {
            let rows = try await bench.metadata.outages(limit: 10)
            if done(rows) { return rows }
            await Task.yield()
        }
    }

    @Test("an outage is a row with start, end and the requests that were served in it")
    func row() async throws {
        try await Bench.run(bench()) { bench in
            _ = try await Self.serve("/t/doc/p", bench)
            _ = try await Self.serve(Self.file.request, bench)
            try await Self.breakOff(bench)
            let began = bench.time.now
            let open = try await Self.rows(bench) { !$0.isEmpty }
            #expect(
                open == [Outage(upstream: "test", beganAt: began, endedAt: nil, servedCount: 0)])
            #expect(try await Self.serve(Self.file.request, bench).isDuringOutage)
            #expect(try await Self.serve("/t/doc/p", bench).isDuringOutage)
            // What fails is not served.
            #expect(try await Self.serve("/t/doc/cold", bench).isDuringOutage == false)

            let gate = Gate()
            bench.upstream.set(Self.url, document(Self.file.line(), gate: gate))
            bench.time.advance(seconds: 60)
            // The last one that is served stale, and brings the news that all is well again.
            #expect(try await Self.serve("/t/doc/p", bench).isDuringOutage)
            gate.open()
            await bench.idle()
            let ended = try await Self.rows(bench) { $0.first?.endedAt != nil }
            let outage = Outage(
                upstream: "test", beganAt: began, endedAt: began + 60, servedCount: 4)
            #expect(ended == [outage])
            #expect(bench.observer.counts.withLock { $0.ended } == [outage])
            #expect(bench.engine.outages == [])
            #expect(try await Self.serve(Self.file.request, bench).isDuringOutage == false)
        }
    }

    @Test("a restart in the middle loses neither the start nor the end")
    func restart() async throws {
        let first = bench()
        try await Bench.run(first) { bench in
            _ = try await Self.serve("/t/doc/p", bench)
            try await Self.breakOff(bench)
            _ = try await Self.rows(bench) { !$0.isEmpty }
        }
        let began = first.time.now
        let second = bench(restarting: first)
        second.time.advance(seconds: 1_000)
        try await Bench.run(second) { bench in
            while bench.engine.outages.isEmpty { await Task.yield() }
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            #expect(bench.engine.outages.map(\.beganAt) == [began])
            _ = try await Self.serve("/t/doc/p", bench)
            let rows = try await Self.rows(bench) { $0.first?.endedAt != nil }
            #expect(rows.map(\.beganAt) == [began])
            #expect(rows.map(\.endedAt) == [bench.time.now])
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }

    @Test("an outage that began while the database was out of order has a row once it has ended")
    func brokenDatabase() async throws {
        try await Bench.run(bench()) { bench in
            _ = try await Self.serve("/t/doc/p", bench)
            bench.database.isBroken.withLock { $0 = true }
            let failures = bench.observer.counts.withLock { $0.storeFailures }
            try await Self.breakOff(bench)
            while bench.observer.counts.withLock({ $0.storeFailures }) == failures {
                await Task.yield()
            }
            let began = bench.time.now
            bench.database.isBroken.withLock { $0 = false }
            bench.upstream.set(Self.url, document(Self.file.line()))
            bench.time.advance(seconds: 60)
            _ = try await Self.serve("/t/doc/p", bench)
            let rows = try await Self.rows(bench) { $0.first?.endedAt != nil }
            #expect(rows.map(\.beganAt) == [began])
            #expect(rows.map(\.endedAt) == [began + 60])
        }
    }

    @Test("an outage that goes on after a restart stays one row")
    func goingOn() async throws {
        let first = bench()
        try await Bench.run(first) { bench in
            _ = try await Self.serve("/t/doc/p", bench)
            try await Self.breakOff(bench)
            _ = try await Self.rows(bench) { !$0.isEmpty }
        }
        let second = bench(restarting: first)
        second.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
        second.time.advance(seconds: 1_000)
        try await Bench.run(second) { bench in
            while bench.engine.outages.isEmpty { await Task.yield() }
            for _ in 0..<4 {
                let record = try await Self.serve("/t/doc/p", bench)
                #expect(record.isDuringOutage)
            }
            // The breaker opened again, and that is no other outage.
            #expect(bench.observer.counts.withLock { $0.outages } == [false])
            bench.upstream.set(Self.url, document(Self.file.line()))
            bench.time.advance(seconds: 60)
            _ = try await Self.serve("/t/doc/p", bench)
            let rows = try await Self.rows(bench) { $0.first?.endedAt != nil }
            #expect(rows.map(\.beganAt) == [first.time.now])
            #expect(bench.observer.counts.withLock { $0.outages } == [false, true])
        }
    }
}
