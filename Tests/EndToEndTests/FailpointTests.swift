import Foundation
import Support
import Testing

extension EndToEnd {
    /// SIGKILL at named system calls, sent by strace: the server itself has no failpoints.
    @Suite(.serialized, .enabled(if: Machine.canTrace, "strace is missing or may not trace"))
    struct Failpoints {
        struct Point: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let calls: String
            var path: String?
            /// The least number of a call that is meant, among its thread's calls of the kind.
            var first = 1
            /// What the call's line must have one of, so that it is the call that is meant.
            let sign: [String]
            /// Whether strace comes only when the server has started.
            var isLate = false
            var work = Work.fetches

            enum Work: Sendable { case fetches, fetchesInTurn, stop, eviction }
        }

        static let points: [Point] = [
            Point(
                testDescription: "a staging file is made", calls: "openat", path: "staging",
                sign: ["O_CREAT"]),
            // The start itself writes, to make the database's shared memory.
            Point(
                testDescription: "a file is written", calls: "pwrite64", sign: ["/staging/"],
                isLate: true),
            Point(testDescription: "a file is synced", calls: "fsync", sign: ["/staging/"]),
            Point(testDescription: "a shard is made", calls: "mkdirat", path: "blobs", sign: ["/"]),
            Point(
                testDescription: "the folder of shards is synced", calls: "fsync", path: "blobs",
                sign: ["/blobs>"]),
            Point(testDescription: "a file gets its name", calls: "renameat2", sign: ["/staging"]),
            Point(
                testDescription: "a shard is synced", calls: "fsync", first: 4, sign: ["/blobs/"]),
            Point(
                testDescription: "a row is written", calls: "pwrite64", path: "larder.sqlite-wal",
                first: 3, sign: ["-wal>"]),
            Point(
                testDescription: "a pin is committed", calls: "fdatasync",
                path: "larder.sqlite-wal", sign: ["-wal>"]),
            Point(
                testDescription: "a later pin is committed", calls: "fdatasync",
                path: "larder.sqlite-wal", first: 2, sign: ["-wal>"]),
            Point(
                testDescription: "the first bytes of a page are sent", calls: "sendfile",
                sign: ["/blobs/"]),
            Point(
                testDescription: "a part of a file is sent", calls: "sendfile", sign: ["/staging/"]),
            Point(
                testDescription: "the last bytes of a file are sent", calls: "sendfile",
                sign: PointBed.lastBytes, work: .fetchesInTurn),
            Point(
                testDescription: "the log is put into the database", calls: "pwrite64",
                path: "larder.sqlite", sign: ["larder.sqlite>"], work: .stop),
            Point(
                testDescription: "the row of an evicted file goes", calls: "pwrite64",
                path: "larder.sqlite-wal", sign: ["-wal>"], work: .eviction),
            Point(
                testDescription: "an evicted file goes", calls: "unlinkat", path: "blobs",
                sign: ["blobs>"], work: .eviction),
        ]

        @Test(
            "C-2: killed at a named call, the next start finds a state as before it or after it",
            .timeLimit(.minutes(max(5, Machine.pointRounds))), arguments: points)
        func killed(_ point: Point) async throws {
            let bed = try PointBed(point)
            var numbers: [Int] = []
            var hits = 0
            var rounds = 0
            // Which number a call has depends on what its thread did before, in each round anew.
            while hits < Machine.pointRounds, rounds < 60 + 10 * Machine.pointRounds {
                if numbers.isEmpty {
                    numbers = try await bed.scout(rounds)
                } else if try await bed.kill(rounds, at: numbers.removeFirst()) {
                    hits += 1
                }
                rounds += 1
            }
            print("C-2: \(point.testDescription), \(hits) times in \(rounds) rounds")
            #expect(hits == Machine.pointRounds)
        }
    }
}

final class PointBed: Sendable {
    private let point: EndToEnd.Failpoints.Point
    private let upstream: Upstream
    private let home: LarderHome
    /// The same folder, with room for less than is stored.
    private let narrow: LarderHome
    private let files = Watched<[Upstream.File]>([])

    init(_ point: EndToEnd.Failpoints.Point) throws {
        self.point = point
        upstream = try Upstream()
        home = try LarderHome(upstream: upstream.index)
        narrow = try LarderHome(
            upstream: upstream.index, store: home.store,
            variables: ["LARDER_CACHE_SIZE": "1MiB"])
    }

    /// Where the part that is held back begins, as sendfile's line has it.
    static let lastBytes = sizes.map { "[\(max($0 - 65_536, 0))]" }
    private static let sizes = [90_000, 140_000, 700_000, 1_500_000]

    private func publish(_ round: Int) throws -> [Upstream.File] {
        let sizes = Self.sizes
        let new = try sizes.indices.map { index in
            let seed = UInt32(round * sizes.count + index + 1)
            return try upstream.publish(
                "round\(round)x\(index)", Pattern(byteCount: sizes[index], seed: seed))
        }
        files.update { $0 = Array(($0 + new).suffix(12)) }
        return new
    }

    /// Which numbers the calls that are meant had in a round without a kill (strace counts no further
    /// than to 65,535), four of them at most.
    func scout(_ round: Int) async throws -> [Int] {
        let trace = try await run(round, killingAt: 65_535).trace
        let numbers = Set(trace.numbers(ofCallsWith: point.sign).filter { $0 >= point.first })
        // The earlier a call, the less there is before it that may come in another order next time.
        return Array(numbers.sorted().prefix(4))
    }

    /// Whether the server was killed at the call that is meant.
    func kill(_ round: Int, at number: Int) async throws -> Bool {
        let (wasKilled, trace) = try await run(round, killingAt: number)
        return wasKilled
            && trace.unfinished.contains { line in
                point.sign.contains { line.contains($0) }
            }
    }

    private func run(
        _ number: Int, killingAt call: Int
    ) async throws -> (wasKilled: Bool, trace: Trace) {
        let injection = Injection(
            calls: point.calls, fault: "signal=KILL", when: "\(call)", path: point.path)
        let name = "C-2, \(point.testDescription), when=\(injection.when)"
        let new = try publish(number)
        if point.work == .eviction {
            let filled = try await home.start()
            try await home.expectAll(files.value, from: filled, name)
            try await filled.stop()
        }
        let larder = try (point.work == .eviction ? narrow : home)
            .launch(under: point.isLate ? nil : injection)
        let tracer = point.isLate ? try await attach(injection, to: larder) : nil
        try await work(new, on: larder)
        withExtendedLifetime(tracer) {}
        larder.process.signal(SIGTERM)
        let ending = try await larder.process.end(within: 30)
        let wasKilled = ending == .init(status: SIGKILL, isSignal: true)
        let trace = try await Trace(of: larder)
        try await recover(name)
        return (wasKilled, trace)
    }

    /// Has strace come to a server that runs.
    private func attach(_ injection: Injection, to larder: Larder) async throws -> ChildProcess {
        try await eventually("the server listens") { larder.listens() ? true : nil }
        let words = injection.words(writing: larder.traceFile, in: home.store)
        let log = larder.traceFile + ".log"
        let tracer = try ChildProcess(
            words.filter { $0 != "-D" && $0 != "--seccomp-bpf" } + ["-p", "\(larder.process.pid)"],
            environment: [:], folder: home.store, log: log)
        try await eventually("strace has come") {
            let text = String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self)
            return text.contains("attached") ? true : nil
        }
        return tracer
    }

    private func work(_ new: [Upstream.File], on larder: Larder) async throws {
        let isUp = try await eventually("listens or ends") {
            larder.process.ending != nil ? false : larder.listens() ? true : nil
        }
        guard isUp else { return }
        if point.work == .eviction {
            // The first round of upkeep is right after the start.
            _ = try? await eventually("eviction", within: 3, pause: 50) {
                larder.process.ending != nil ? true : nil
            }
            return
        }
        if point.work == .fetchesInTurn {
            for file in new { await fetch(file, from: larder) }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            for file in new { group.addTask { await self.fetch(file, from: larder) } }
        }
    }

    private func fetch(_ file: Upstream.File, from larder: Larder) async {
        _ = try? await larder.get("/pypi/simple/\(file.project)/", within: 10)
        guard let got = try? await larder.get(file.target, within: 10) else { return }
        // O1: killed in the middle, it is not whole.
        #expect(!got.isGood || sha256(got.body) == file.sha256)
    }

    private func recover(_ name: String) async throws {
        var larder: Larder?
        let time = try await milliseconds { larder = try await home.start() }
        let healthy = try #require(larder)
        #expect(time < 3_000, "\(name): ready after \(time) ms")
        #expect(home.staged.isEmpty, "O4, \(name)")
        try await home.expectSound(files.value, from: healthy, name)
        try await healthy.stop()
    }
}
