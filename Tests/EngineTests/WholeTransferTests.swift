import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// Small files that are sent only after they were verified whole.
@Suite(.timeLimit(.minutes(5))) struct WholeTransferTests {
    private static let file = TestFile("p/a.tgz", byteCount: 150_000)
    private static let limit = 200_000
    private static let page = "\(TestAdapter.root)/doc/p"

    private func bench(
        _ line: String = file.line(), _ scripts: FakeUpstream.Script...
    ) -> Bench {
        let bench = LineAdapter(verifiesBeforeSending: Self.limit).bench()
        bench.upstream.set(Self.page, document(line))
        bench.upstream.set("\(TestAdapter.root)/doc/p@a.tgz", .init(status: 404))
        bench.upstream.set(Self.file.url, scripts)
        return bench
    }

    @Test("an upstream that breaks off is asked again, and no client notices", arguments: 1...2)
    func retried(breaks: Int) async throws {
        let broken = FakeUpstream.Script(
            pieces: Array(Self.file.pieces.prefix(2)), byteCount: 150_000, ending: .truncated)
        let scripts = Array(repeating: broken, count: breaks) + [.init(pieces: Self.file.pieces)]
        let bench = bench()
        bench.upstream.set(Self.file.url, scripts)
        let followed = Mutex(false)
        try await Bench.run(bench) { bench in
            let got = try await bench.get(
                "/s/file/p/a.tgz", whenFollowing: { followed.withLock { $0 = true } })
            #expect(got.status == 200 && got.body == Self.file.bytes && !got.isBroken)
            #expect(got.field("ETag") == "\"\(Self.file.digest.hex)\"")
            #expect(!followed.withLock { $0 })
            #expect(bench.upstream.requests(of: Self.file.url).count == breaks + 1)
            #expect(bench.observer.counts.withLock { $0.integrityFailures } == [])
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    struct FaultRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeUpstream.Script
        let status: Int
        let requests: Int
    }

    private static let wrong = [[UInt8](repeating: 1, count: 150_000)]

    static let faults: [FaultRow] = [
        .init(
            testDescription: "breaks off for ever",
            script: .init(pieces: [[1, 2]], byteCount: 150_000, ending: .truncated), status: 502,
            requests: 3),
        .init(
            testDescription: "ends early, orderly",
            script: .init(pieces: [[1, 2]], hasLength: false),
            status: 502, requests: 3),
        .init(
            testDescription: "wrong bytes", script: .init(pieces: wrong), status: 502, requests: 1),
        .init(
            testDescription: "too many bytes",
            script: .init(pieces: file.pieces + [[0]], hasLength: false), status: 502, requests: 1),
    ]

    @Test("what is wrong is an error with a status, and never a body", arguments: faults)
    func faulty(_ row: FaultRow) async throws {
        try await Bench.run(bench(Self.file.line(), row.script)) { bench in
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == row.status && !got.isBroken)
            #expect(bench.upstream.requests(of: Self.file.url).count == row.requests)
            guard case .absent = bench.blobs.find(Self.file.digest) else {
                Issue.record("something was stored")
                return
            }
            #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
        }
    }

    struct SizeRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let line: String
        let isDeclared: Bool
        let isFollowed: Bool
    }

    private static let unsized = "a.tgz \(file.digest.hex) - 0"

    static let sizes: [SizeRow] = [
        .init(
            testDescription: "small by its fact", line: file.line(), isDeclared: false,
            isFollowed: false),
        .init(
            testDescription: "small by its Content-Length", line: unsized, isDeclared: true,
            isFollowed: false),
        .init(
            testDescription: "of unknown size", line: unsized, isDeclared: false,
            isFollowed: false),
    ]

    @Test("what is small or of unknown size is held back", arguments: sizes)
    func held(_ row: SizeRow) async throws {
        let gate = Gate()
        let script = FakeUpstream.Script(
            pieces: Self.file.pieces, hasLength: row.isDeclared, bodyGate: gate)
        try await Bench.run(bench(row.line, script)) { bench in
            let followed = Mutex(false)
            async let answer = bench.get(
                "/s/file/p/a.tgz",
                whenFollowing: {
                    followed.withLock { $0 = true }
                    gate.open()
                })
            if !row.isFollowed {
                await gate.arrivals(1)
                #expect(!followed.withLock { $0 })
                gate.open()
            }
            let got = try await answer
            #expect(got.body == Self.file.bytes)
            #expect(followed.withLock { $0 } == row.isFollowed)
        }
    }

    struct UnsizedRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let scripts: [FakeUpstream.Script]
        let file: TestFile
        var byteLimit = 1 << 30
        var status = 200
        var faults = FaultyBlobs.Faults()
    }

    private static let large = TestFile("p/a.tgz", byteCount: limit + 50_000)
    private static let chunked = FakeUpstream.Script(pieces: file.pieces, hasLength: false)
    private static let chunkedBreak = FakeUpstream.Script(
        pieces: [file.pieces[0]], hasLength: false, ending: .truncated)

    static let unsizedRows: [UnsizedRow] = [
        .init(testDescription: "good", scripts: [chunked], file: file),
        .init(
            testDescription: "good and above the limit",
            scripts: [.init(pieces: large.pieces, hasLength: false)], file: large),
        .init(
            testDescription: "broken off once", scripts: [chunkedBreak, chunked], file: file),
        .init(
            testDescription: "on a full disk", scripts: [chunked], file: file,
            faults: .init(failsToStage: true)),
        .init(
            testDescription: "wrong bytes",
            scripts: [.init(pieces: wrong, hasLength: false)], file: file, status: 502),
        .init(
            testDescription: "above the limit for artifacts", scripts: [chunked], file: file,
            byteLimit: 149_999, status: 502),
    ]

    @Test("a body without a length is verified whole, then sent with one", arguments: unsizedRows)
    func unsized(_ row: UnsizedRow) async throws {
        let bench = LineAdapter(verifiesBeforeSending: Self.limit).bench {
            $0.artifactByteLimit = row.byteLimit
        }
        bench.upstream.set(Self.page, document("a.tgz \(row.file.digest.hex) - 0"))
        bench.upstream.set(row.file.url, row.scripts)
        try await Bench.run(bench) { bench in
            #expect(try await bench.get("/s/doc/p").status == 200)
            bench.blobs.faults.withLock { $0 = row.faults }
            let followed = Mutex(false)
            let got = try await bench.get(
                "/s/file/p/a.tgz", whenFollowing: { followed.withLock { $0 = true } })
            #expect(got.status == row.status && !got.isBroken)
            #expect(bench.upstream.requests(of: row.file.url).count == row.scripts.count)
            guard row.status == 200 else {
                guard case .absent = bench.blobs.find(.of(Array(Self.wrong.joined()))) else {
                    Issue.record("wrong bytes were stored")
                    return
                }
                return
            }
            #expect(got.body == row.file.bytes)
            // What is a file by the time of the answer has its length.
            #expect(followed.withLock { $0 } == row.faults.failsToStage)
        }
    }

    @Test("a file above the limit is followed while it arrives")
    func large() async throws {
        let file = TestFile("p/a.tgz", byteCount: Self.limit + 1)
        let gate = Gate()
        let bench = bench(file.line(), .init(pieces: file.pieces, bodyGate: gate))
        try await Bench.run(bench) { bench in
            let got = try await bench.get("/s/file/p/a.tgz", whenFollowing: gate.open)
            #expect(got.body == file.bytes)
        }
    }

    struct DiskRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let faults: FaultyBlobs.Faults
        var memory = 64 << 20
    }

    static let disks: [DiskRow] = [
        .init(testDescription: "full from the start", faults: .init(failsToStage: true)),
        .init(testDescription: "full in the middle", faults: .init(room: 70_000)),
        .init(testDescription: "a failing sync", faults: .init(failsToCommit: true)),
        .init(
            testDescription: "no memory either", faults: .init(failsToStage: true), memory: 70_000),
    ]

    @Test(
        "a disk that takes nothing: clients get their file, and it is not stored", arguments: disks)
    func fullDisk(_ row: DiskRow) async throws {
        let bench = LineAdapter(verifiesBeforeSending: Self.limit).bench {
            $0.volatileByteLimit = row.memory
        }
        bench.upstream.set(Self.page, document(Self.file.line()))
        bench.upstream.set(Self.file.url, .init(pieces: Self.file.pieces))
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == 200)
            bench.blobs.faults.withLock { $0 = row.faults }
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(got.status == 200 && got.body == Self.file.bytes && !got.isBroken)
            guard case .absent = bench.blobs.find(Self.file.digest) else {
                Issue.record("something was stored")
                return
            }
            await bench.idle()
            bench.blobs.faults.withLock { $0 = .init() }
            #expect(try await bench.get("/s/file/p/a.tgz").body == Self.file.bytes)
            await bench.idle()
            #expect(try await bench.get("/s/file/p/a.tgz").field("Cache-Status") == "larder; hit")
        }
    }
}
