import Backends
import CacheRules
import Engine
import HTTPModel
import Synchronization
import Testing

/// What rows of outages say beyond start and end.
extension OutageTests {
    @Test("what was served before a restart is counted; the row has it before the end")
    func servedOverRestart() async throws {
        let first = bench()
        try await Bench.run(first) { bench in
            _ = try await Self.serve("/t/doc/p", bench)
            // Three that find out, and one more.
            try await Self.breakOff(bench)
            _ = try await Self.serve("/t/doc/p", bench)
        }
        let left = try await first.metadata.openOutages()
        let count = try #require(left.first?.servedCount)
        #expect(count > 0)
        let second = bench(restarting: first)
        second.upstream.set(Self.url, .init(failure: .unreachable(code: 7)))
        second.time.advance(seconds: 1_000)
        try await Bench.run(second) { bench in
            while bench.engine.outages.isEmpty { await Task.yield() }
            #expect(bench.engine.outages == left)
            _ = try await Self.serve("/t/doc/p", bench)
            #expect(bench.engine.outages.map(\.servedCount) == [count + 1])
        }
        #expect(try await second.metadata.openOutages().map(\.servedCount) == [count + 1])
        let third = bench(restarting: second)
        third.time.advance(seconds: 2_000)
        try await Bench.run(third) { bench in
            while bench.engine.outages.isEmpty { await Task.yield() }
            _ = try await Self.serve("/t/doc/p", bench)
            let rows = try await Self.rows(bench) { $0.first?.endedAt != nil }
            #expect(rows.map(\.servedCount) == [count + 1])
            #expect(bench.observer.counts.withLock { $0.ended } == rows)
        }
    }

    struct Orphan: Sendable, CustomTestStringConvertible {
        let label: String
        let isOurs: Bool
        var testDescription: String { label }
    }

    static let orphans: [Orphan] = [
        Orphan(label: "test", isOurs: true), Orphan(label: "test files.example", isOurs: true),
        Orphan(label: "gone", isOurs: false), Orphan(label: "test/more", isOurs: false),
        Orphan(label: "gone files.example", isOurs: false),
        Orphan(label: "test unlisted.example", isOurs: false),
        Orphan(label: "test elsewhere", isOurs: false),
    ]

    @Test("an open row of what is no longer configured ends with the start", arguments: orphans)
    func orphan(_ row: Orphan) async throws {
        let bench = bench()
        try await bench.metadata.beginOutage(of: row.label, at: 7)
        try await Bench.run(bench) { bench in
            if row.isOurs {
                while bench.engine.outages.isEmpty { await Task.yield() }
                #expect(bench.engine.outages.map(\.upstream) == [row.label])
            } else {
                let rows = try await Self.rows(bench) { $0.first?.endedAt != nil }
                #expect(rows.map(\.endedAt) == [bench.time.now])
                #expect(bench.observer.counts.withLock { $0.outages } == [])
            }
        }
        #expect(try await bench.metadata.openOutages().isEmpty != row.isOurs)
    }

    @Test("outages are taken over as soon as the database can be read")
    func lateTakeOver() async throws {
        let bench = Bench { $0.operationsInterval = .seconds(1) }
        bench.time.holdPauses()
        try await bench.metadata.beginOutage(of: "test", at: 7)
        bench.database.isBroken.withLock { $0 = true }
        try await Bench.run(bench) { bench in
            while bench.time.pauseCount == 0 { await Task.yield() }
            #expect(bench.engine.outages == [])
            bench.database.isBroken.withLock { $0 = false }
            bench.time.advance(seconds: 1)
            while bench.engine.outages.isEmpty { await Task.yield() }
            #expect(bench.engine.outages.map(\.beganAt) == [7])
        }
    }

    @Test("a dead host that nobody listed is no outage of the upstream")
    func unlisted() async throws {
        let home = TestAdapter.url("/").origin
        let mount = Mount(
            path: ["t"], adapter: TestAdapter(fileHost: "https://dead.example"),
            policy: UpstreamPolicy(home: home, allowsAnyHost: true),
            freshness: FreshnessRule(ceilingSeconds: 300))
        let bench = Bench(mounts: [mount])
        let good = TestFile("p/a.whl", byteCount: 3)
        let dead = TestFile("p/b.whl", byteCount: 4)
        let stored = "https://dead.example/file/p/a.whl"
        bench.upstream.set(Self.url, document(good.line(), dead.line()))
        bench.upstream.set(stored, .init(pieces: good.pieces))
        try await Bench.run(bench) { bench in
            let fresh = try await Self.serve(good.request, bench)
            #expect(!fresh.isDuringOutage)
            await bench.idle()
            for _ in 0..<3 { #expect(try await bench.get(dead.request).status == 503) }
            #expect(try await Self.serve(good.request, bench).isDuringOutage == false)
            #expect(bench.engine.outages == [])
        }
        #expect(try await bench.metadata.outages(limit: 9) == [])
    }

    @Test("what is made of several is served in an outage of any of them, and counts there")
    func merged() async throws {
        let (bench, _) = JoiningAdapter.bench()
        for name in ["a", "b"] {
            bench.upstream.set("https://\(name).example/doc/p", document("\(name)1 00 1 0"))
        }
        try await Bench.run(bench) { bench in
            bench.time.holdPauses()
            let fresh = try await Self.serve("/all/doc/p", bench)
            #expect(!fresh.isDuringOutage)
            bench.upstream.set("https://b.example/doc/p", .init(failure: .unreachable(code: 7)))
            bench.time.advance(seconds: 301)
            while bench.engine.outages.isEmpty {
                _ = try await bench.get("/b/doc/p")
            }
            _ = try await bench.get("/all/doc/p")
            await bench.idle()
            #expect(try await Self.serve("/all/doc/p", bench).isDuringOutage)
            #expect(bench.engine.outages.map(\.upstream) == ["b"])
            #expect(bench.engine.outages.map(\.servedCount) == [1])
        }
    }
}
