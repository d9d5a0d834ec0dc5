import Admission
import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import Support
import Linux
import Policy
import Synchronization

/// An engine with memory stores, a scripted upstream and clocks that a test moves.
final class Bench: Sendable {
    let upstream: FakeUpstream
    let time = FakeTime()
    let blobs: FaultyBlobs
    let metadata: MemoryMetadata
    let database: FaultyMetadata
    let observer = RecordingObserver()
    let engine: PullThroughEngine

    /// With the stores of another bench it is the same server after a restart.
    ///
    /// Without mounts it has that of ``TestAdapter``, to which the next two belong.
    init(
        restarting other: Bench? = nil, mounts: [Mount] = [], ceilingSeconds: Int64 = 300,
        fileHost: String = TestAdapter.root, blobs: FaultyBlobs = FaultyBlobs(),
        sharing: (leases: (any FetchLeases)?, holder: String)? = nil,
        authenticator: any Authenticator = OpenAccess(),
        policy book: PolicyBook = PolicyBook(),
        _ change: (inout EngineRules) -> Void = { _ in }
    ) {
        var rules = EngineRules()
        // Pauses of the clocks here are over at once.
        rules.leaseRenewal = nil
        change(&rules)
        let blobs = other?.blobs ?? blobs
        self.blobs = blobs
        upstream = FakeUpstream(meter: blobs.meters.fetched)
        metadata = other?.metadata ?? MemoryMetadata()
        database = FaultyMetadata(metadata)
        let policy = UpstreamPolicy(home: TestAdapter.url("/").origin, hosts: ["files.example"])
        let mount = Mount(
            path: ["t"], adapter: TestAdapter(fileHost: fileHost), policy: policy,
            freshness: FreshnessRule(ceilingSeconds: ceilingSeconds))
        engine = PullThroughEngine(
            mounts: mounts.isEmpty ? [mount] : mounts, rules: rules,
            stores: EngineStores(
                blobs: blobs, metadata: database,
                sharing: sharing.map { [metadata] in
                    Sharing(responses: metadata, leases: $0.leases, holder: $0.holder)
                }),
            outside: EngineOutside(
                upstream: upstream, time: time, observer: observer,
                authenticator: authenticator),
            policy: book)
    }

    /// Runs `body` while the engine runs.
    static func run(
        _ bench: Bench = Bench(), _ body: @Sendable (Bench) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.engine.run() }
            defer {
                bench.engine.close()
                group.cancelAll()
            }
            try await body(bench)
        }
    }

    struct Got: Sendable {
        var status = 0
        var fields = ""
        var body: [UInt8] = []
        /// The body broke off: a server would reset the connection.
        var isBroken = false
        var rounds = 0

        var text: String { String(decoding: body, as: UTF8.self) }

        func field(_ name: String) -> String? {
            fields.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
                .map { String($0.dropFirst(name.utf8.count + 2)) }
        }
    }

    enum Patience: Sendable {
        case endless
        /// Every wait with a deadline ends by it.
        case none
    }

    /// Asks as a server would: waits where the answer is pending, then reads the body to its end.
    ///
    /// `whenFollowing` runs once the answer turns out to follow a body that is still arriving,
    /// `whenReading` after each part of such a body.
    func get(
        _ path: String, patience: Patience = .endless,
        _ change: (inout RequestHead) -> Void = { _ in },
        whenFollowing: @Sendable () -> Void = {}, whenReading: @Sendable () -> Void = {}
    ) async throws -> Got {
        var (reply, got) = try await reply(path, patience: patience, change)
        if case .fill = reply.body { whenFollowing() }
        try await read(reply.body, into: &got, whenReading)
        return got
    }

    /// Asks as `get` does, and leaves the body unread.
    func reply(
        _ path: String, patience: Patience = .endless,
        _ change: (inout RequestHead) -> Void = { _ in }
    ) async throws -> (reply: Reply, got: Got) {
        var head = RequestHead(method: .get, target: try RequestTarget(Array(path.utf8)))
        head.host = "localhost"
        change(&head)
        var answer = engine.answer(head)
        var got = Got()
        while case .pending(let pending) = answer {
            got.rounds += 1
            let isLate = patience == .none && pending.deadline != nil
            if !isLate { await news(of: pending.fill) }
            answer = engine.resume(pending, for: head, after: isLate ? .deadline : .news)
        }
        guard case .reply(let reply) = answer else { throw Unanswered() }
        got.status = reply.status
        got.fields = String(decoding: reply.fields, as: UTF8.self)
        return (reply, got)
    }

    /// The engine left a request without an answer.
    struct Unanswered: Error {}

    /// Waits until no fill is under way; gives up after a while, so that a stuck one fails a test.
    func idle() async {
        let end = ContinuousClock.now + .seconds(20)
        while engine.fillCount > 0, ContinuousClock.now < end { await Task.yield() }
    }

    func news(of fill: Fill) async {
        await withCheckedContinuation { continuation in
            fill.wake { continuation.resume() }
        }
    }

    private func read(
        _ body: ReplyBody, into got: inout Got, _ whenReading: () -> Void
    ) async throws {
        switch body {
        case .none, .head: break
        case .bytes(let bytes): got.body = bytes
        case .file(let file, let range, _):
            got.body = try file.read(at: range.lowerBound, count: range.count)
        case .fill(let fill, let start, let end, _):
            try await follow(fill, from: start, to: end, into: &got, whenReading)
        }
    }

    private func follow(
        _ fill: Fill, from start: Int, to end: Int?, into got: inout Got,
        _ whenReading: () -> Void
    ) async throws {
        let reader = FillReader(end: end)
        defer { fill.leave(reader) }
        var offset = start
        while true {
            let (woken, wake) = AsyncStream.makeStream(of: Void.self)
            switch fill.next(at: offset, limit: 100_000, reader: reader, orWake: { wake.finish() })
            {
            case .file(let file, let range):
                let range = range.clamped(to: 0..<(end ?? Int.max))
                got.body += try file.read(at: range.lowerBound, count: range.count)
                offset = range.upperBound
                whenReading()
            case .bytes(let bytes):
                let part = bytes.prefix((end ?? Int.max) - offset)
                got.body += part
                offset += part.count
            case .end: return
            case .failed:
                got.isBroken = true
                return
            case .wait: for await _ in woken {}
            }
        }
    }
}

/// Counts what the engine tells.
final class RecordingObserver: EngineObserver {
    struct Counts: Sendable {
        var collapsed = 0
        var integrityFailures: [String] = []
        var documentsRefused = 0
        var notes: [String] = []
        var heldBack: [String] = []
        var storeFailures = 0
        var outages: [Bool] = []
        var evictedBytes = 0
        var renderings = 0
        var ended: [Outage] = []
        var drills: [String] = []
        var malwareRefusals = 0
    }

    let counts = Mutex(Counts())

    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome) {}
    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64) {}
    func upstreamDelivered(_ upstream: String, byteCount: Int) {}
    func upstreamChanged(_ upstream: String, isUp: Bool) {
        counts.withLock { $0.outages.append(isUp) }
    }
    func outageEnded(_ outage: Outage) { counts.withLock { $0.ended.append(outage) } }
    func drillChanged(_ upstream: String, isCut: Bool) {
        counts.withLock { $0.drills.append("\(upstream) \(isCut ? "cut" : "back")") }
    }
    func requestCollapsed() { counts.withLock { $0.collapsed += 1 } }
    func renderingStored() { counts.withLock { $0.renderings += 1 } }
    func integrityFailed(_ upstream: String, reason: String) {
        counts.withLock { $0.integrityFailures.append(reason) }
    }
    func documentRefused(_ upstream: String, fault: String) {
        counts.withLock { $0.documentsRefused += 1 }
    }
    func documentHeldBack(_ upstream: String, path: String, _ regression: Regression) {
        counts.withLock { $0.heldBack.append("\(upstream) \(path) \(regression.rawValue)") }
    }
    func documentsAreHeldBack(_ count: Int) {}
    func documentNoted(_ upstream: String, note: String, _ count: Int) {
        counts.withLock { $0.notes.append("\(upstream) \(note) \(count)") }
    }
    func malwareRefused(_ fault: String) { counts.withLock { $0.malwareRefusals += 1 } }
    func storeHolds(responseCount: Int, byteCount: Int) {}
    func evicted(byteCount: Int) { counts.withLock { $0.evictedBytes += byteCount } }
    func storeFailed(_ error: StoreError) { counts.withLock { $0.storeFailures += 1 } }
}

/// A file of an upstream: its bytes, its URL and its line in the document.
struct TestFile: Sendable {
    let path: String
    let bytes: [UInt8]

    /// Bytes that differ from piece to piece, so that a swapped piece is noticed.
    init(_ path: String, byteCount: Int) {
        self.path = path
        bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
    }

    var url: String { "\(TestAdapter.root)/file/\(path)" }
    var request: String { "/t/file/\(path)" }
    var digest: BlobDigest { BlobDigest.of(bytes) }

    func line(published: Int64 = 0) -> String {
        let name = path.split(separator: "/").last ?? ""
        return "\(name) \(digest.hex) \(bytes.count) \(published)"
    }

    /// The bytes in pieces of 50,000.
    var pieces: [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 50_000).map {
            Array(bytes[$0..<min($0 + 50_000, bytes.count)])
        }
    }
}

func document(_ lines: String..., gate: Gate? = nil) -> FakeUpstream.Script {
    .init(pieces: [Array((["ok"] + lines).joined(separator: "\n").utf8)], gate: gate)
}
