import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import Support
import Synchronization
import Testing

/// What becomes of a cold download when its clients leave (case L-5 of the catalogue).
@Suite(.timeLimit(.minutes(5))) struct DesertedTransferTests {
    private static let file = TestFile("p/a.whl", byteCount: 400_000)
    private static let page = "\(TestAdapter.root)/doc/p"

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What has come when the client leaves.
        let arrived: Int
        var smallByteCount = 100_000
        var hasLength = true
        let goesOn: Bool
    }

    static let rows: [Row] = [
        .init(testDescription: "a tenth of a large one", arrived: 40_000, goesOn: false),
        .init(testDescription: "half of a large one", arrived: 200_000, goesOn: false),
        .init(testDescription: "more than half of it", arrived: 200_001, goesOn: true),
        .init(
            testDescription: "a tenth of a small one", arrived: 40_000, smallByteCount: 400_000,
            goesOn: true),
        .init(
            testDescription: "little of one of unknown length", arrived: 100_000, hasLength: false,
            goesOn: true),
        .init(
            testDescription: "more of one of unknown length", arrived: 100_001, hasLength: false,
            goesOn: false),
    ]

    /// A bench whose file stops at a gate after `arrived` bytes; pauses are held.
    private func bench(
        _ bench: Bench = Bench { $0.desertion.smallByteCount = 100_000 }, arrived: Int, gate: Gate,
        hasLength: Bool = true
    ) -> Bench {
        let bytes = Self.file.bytes
        let halves = [Array(bytes[..<arrived]), Array(bytes[arrived...])]
        let unsized = "a.whl \(Self.file.digest.hex) ? 0"
        bench.upstream.set(Self.page, document(hasLength ? Self.file.line() : unsized))
        bench.upstream.set(
            Self.file.url, .init(pieces: halves, hasLength: hasLength, bodyGate: gate),
            .init(pieces: Self.file.pieces))
        bench.time.holdPauses()
        return bench
    }

    private static func pauses(_ count: Int, _ bench: Bench) async {
        while bench.time.pauseCount != count { await Task.yield() }
    }

    /// Waits until it is given up, or looked at again; one that is neither gets the time in which
    /// the wrong verdict would have shown.
    private static func judged(_ row: Row, _ bench: Bench) async {
        if row.goesOn, !row.hasLength { return await pauses(1, bench) }
        let end = ContinuousClock.now + (row.goesOn ? .milliseconds(200) : .seconds(20))
        while bench.engine.fillCount > 0, ContinuousClock.now < end { await Task.yield() }
    }

    /// The fill of an answer that follows one, and a reader that has read some of it.
    private static func follow(_ bench: Bench) async throws -> (fill: Fill, reader: FillReader) {
        let (reply, _) = try await bench.reply(file.request)
        guard case .fill(let fill, _, _, _) = reply.body else { throw Bench.Unanswered() }
        let reader = FillReader(end: nil)
        _ = fill.next(at: 0, limit: 1_000, reader: reader, orWake: {})
        return (fill, reader)
    }

    @Test(
        "L-5: alone, it goes on where it is small or half done, else it is given up",
        arguments: rows)
    func alone(_ row: Row) async throws {
        let gate = Gate()
        let plain = Bench { $0.desertion.smallByteCount = row.smallByteCount }
        let bench = bench(plain, arrived: row.arrived, gate: gate, hasLength: row.hasLength)
        try await Bench.run(bench) { bench in
            let (fill, reader) = try await Self.follow(bench)
            await gate.arrivals(1)
            fill.leave(reader)
            // A small one is not even watched.
            if row.smallByteCount < 400_000 {
                await Self.pauses(1, bench)
                bench.time.advance(seconds: 4)
                #expect(bench.engine.fillCount == 1)
            }
            bench.time.advance(seconds: 60)
            await Self.judged(row, bench)
            #expect(bench.engine.fillCount == (row.goesOn ? 1 : 0))
            gate.open()
            await bench.idle()
            let got = try await bench.get(Self.file.request)
            #expect(got.status == 200 && got.body == Self.file.bytes && !got.isBroken)
            #expect(bench.upstream.requests(of: Self.file.url).count == (row.goesOn ? 1 : 2))
            await bench.idle()
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    @Test("L-5: one that follows keeps it, and so does one that comes within the time of grace")
    func followers() async throws {
        let gate = Gate()
        try await Bench.run(bench(arrived: 40_000, gate: gate)) { bench in
            let first = try await Self.follow(bench)
            let second = try await Self.follow(bench)
            #expect(first.fill === second.fill)
            first.fill.leave(first.reader)
            bench.time.advance(seconds: 60)
            second.fill.leave(second.reader)
            await Self.pauses(1, bench)
            bench.time.advance(seconds: 4)
            let third = try await Self.follow(bench)
            bench.time.advance(seconds: 60)
            #expect(bench.engine.fillCount == 1)
            gate.open()
            let got = try await bench.get(Self.file.request)
            #expect(got.body == Self.file.bytes && !got.isBroken)
            third.fill.leave(third.reader)
            #expect(bench.upstream.requests(of: Self.file.url).count == 1)
        }
    }

    @Test(
        "L-5: those who wait for a file that is verified first keep it", arguments: [true, false])
    func waiting(_ stays: Bool) async throws {
        let gate = Gate()
        let lines = LineAdapter(verifiesBeforeSending: 1_000_000)
        let plain = lines.bench { $0.desertion.smallByteCount = 100_000 }
        plain.upstream.set("\(TestAdapter.root)/doc/p@a.whl", .init(status: 404))
        try await Bench.run(bench(plain, arrived: 40_000, gate: gate)) { bench in
            let target = try RequestTarget(Array("/s/file/p/a.whl".utf8))
            let head = RequestHead(method: .get, target: target)
            var answer = bench.engine.answer(head)
            // The look-ups first: what is waited for then is the file itself.
            while bench.upstream.requests(of: Self.file.url).isEmpty {
                guard case .pending(let pending) = answer else { throw Bench.Unanswered() }
                answer = bench.engine.resume(pending, for: head, after: .news)
                await Task.yield()
            }
            guard case .pending(let pending) = answer else { throw Bench.Unanswered() }
            if stays { pending.fill.attend() }
            await gate.arrivals(1)
            await Self.pauses(stays ? 0 : 1, bench)
            bench.time.advance(seconds: 60)
            if !stays {
                while bench.engine.fillCount > 0 { await Task.yield() }
            }
            gate.open()
            await bench.news(of: pending.fill)
            // Who came to wait in the moment in which it was given up is not told so, but asks anew.
            answer = bench.engine.resume(pending, for: head, after: .news)
            while case .pending(let next) = answer {
                await bench.news(of: next.fill)
                answer = bench.engine.resume(next, for: head, after: .news)
            }
            guard case .reply(let reply) = answer else { throw Bench.Unanswered() }
            #expect(reply.status == 200)
            #expect(bench.upstream.requests(of: Self.file.url).count == (stays ? 1 : 2))
            if stays { pending.fill.depart() }
        }
    }
}
