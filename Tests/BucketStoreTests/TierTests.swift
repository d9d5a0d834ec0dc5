import Backends
import BucketStore
import Conformance
import Digests
import HTTPModel
import Support
import Synchronization
import Testing

/// What is particular to a folder before a bucket: it may be lost, it is bounded, the bucket may be
/// away or wrong.
@Suite(.timeLimit(.minutes(5))) final class TierTests {
    let folder = ScratchFolder()
    let stub: S3Stub
    let time = TestTime()
    let rig: Rig
    let events = Events()

    final class Events: Sendable {
        private let kept = Mutex<[TierEvent]>([])
        var all: [TierEvent] { kept.withLock { $0 } }
        func append(_ event: TierEvent) { kept.withLock { $0.append(event) } }
    }

    init() throws {
        stub = try S3Stub()
        rig = try Rig(time)
    }

    func tier(_ path: String? = nil, limitBytes: Int = 1 << 30) throws -> TieredBlobs {
        try TieredBlobs(
            path: path ?? folder.newPath(), limitBytes: limitBytes,
            before: rig.s3(stub.origin.base), time: time, onEvent: events.append)
    }

    func object(_ digest: BlobDigest) -> String { "a/b c+/" + TieredBlobs.name(of: digest) }

    @Test("another machine, or this one without its folder, has all that must last")
    func lostFolder() async throws {
        let content = sample(300_000)
        let digest = try await BlobStoreConformance.put(content, in: tier())
        let other = try tier()
        guard case .elsewhere = other.find(digest) else {
            Issue.record("not in this folder, and yet not elsewhere")
            return
        }
        #expect(try await other.verify(digest))
        #expect(try BlobStoreConformance.found(digest, in: other) == content)
        let third = try tier()
        #expect(try await third.read(digest, at: 299_990, count: 20) == Array(content.suffix(10)))
        #expect(try BlobStoreConformance.found(digest, in: third) == content)
    }

    @Test("what can be made again is not uploaded")
    func derived() async throws {
        let digest = try await BlobStoreConformance.put(sample(10), in: tier(), .derived)
        #expect(stub.objects.isEmpty)
        #expect(try await tier().verify(digest) == false)
    }

    @Test("many who want one blob wait for one transfer")
    func collapsed() async throws {
        let content = sample(300_000)
        let digest = try await BlobStoreConformance.put(content, in: tier())
        let other = try tier()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { try await other.verify(digest) } }
            for try await isThere in group { #expect(isThere) }
        }
        let gets = stub.origin.ledger.requests.filter { $0.method == "GET" }
        #expect(gets.count == 1)
    }

    @Test("the folder stays within its limit, and what was used stays longest")
    func limit() async throws {
        let tier = try tier(limitBytes: 100_000)
        var digests: [BlobDigest] = []
        for seed in 1...8 {
            let content = sample(20_000, seed: UInt32(seed))
            digests.append(try await BlobStoreConformance.put(content, in: tier))
            // The first one is used again and again.
            #expect(try BlobStoreConformance.found(digests[0], in: tier) != nil, "\(seed)")
            #expect(tier.localByteCount <= 100_000)
        }
        #expect(BlobStoreConformance.isMissing(digests[1], in: tier))
        #expect(try BlobStoreConformance.found(digests[7], in: tier) != nil)
        #expect(try await tier.verify(digests[1]))
        #expect(stub.objects.count == 8)
    }

    @Test("what an earlier process left counts, and goes first")
    func inventory() async throws {
        let path = folder.newPath()
        var old: [BlobDigest] = []
        do {
            let tier = try tier(path)
            for seed in 1...4 {
                let content = sample(20_000, seed: UInt32(seed))
                old.append(try await BlobStoreConformance.put(content, in: tier))
            }
        }
        let tier = try tier(path, limitBytes: 100_000)
        #expect(tier.localByteCount == 0)
        await tier.takeInventory()
        #expect(tier.localByteCount == 80_000)
        for seed in 5...8 {
            let digest = try await BlobStoreConformance.put(
                sample(20_000, seed: UInt32(seed)), in: tier)
            #expect(try BlobStoreConformance.found(digest, in: tier) != nil)
        }
        #expect(tier.localByteCount <= 100_000)
        #expect(old.filter { BlobStoreConformance.isMissing($0, in: tier) }.count >= 3)
    }

    struct DamageRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let damage: @Sendable ([UInt8]) -> [UInt8]?
        let isReplaced: Bool
    }

    static let damages = [
        DamageRow(testDescription: "shorter", damage: { Array($0.dropLast()) }, isReplaced: true),
        DamageRow(
            testDescription: "a wrong byte", damage: { Array($0.dropLast()) + [$0[0] &+ 1] },
            isReplaced: true),
        DamageRow(testDescription: "empty", damage: { _ in [] }, isReplaced: true),
        DamageRow(testDescription: "gone", damage: { _ in nil }, isReplaced: false),
    ]

    @Test(
        "S-3, S-7: an object that is wrong or gone is a miss, and the next copy mends it",
        arguments: damages)
    func damage(_ row: DamageRow) async throws {
        let content = sample(200_000)
        let digest = try await BlobStoreConformance.put(content, in: tier())
        stub.objects[object(digest)] = row.damage(content)
        let other = try tier()
        #expect(try await other.verify(digest) == false)
        #expect(try await other.read(digest, at: 0, count: 10) == nil)
        #expect(BlobStoreConformance.isMissing(digest, in: other))
        #expect(events.all.contains(.damagedObject) == row.isReplaced)
        try await BlobStoreConformance.put(content, in: other)
        #expect(stub.objects[object(digest)] == content)
        #expect(try await tier().verify(digest))
    }

    @Test("a fetch that breaks off goes on where it broke")
    func truncated() async throws {
        let content = sample(300_000)
        let digest = try await BlobStoreConformance.put(content, in: tier())
        let cut = OriginAnswer.bytes(content)
            .with(\.cut, .init(afterByteCount: 100_000, kind: .close))
        let isFirst = Mutex(true)
        stub.inject { request, _ in
            guard request.method == "GET", isFirst.withLock({ $0 }) else { return nil }
            isFirst.withLock { $0 = false }
            return cut
        }
        #expect(try await tier().verify(digest))
        #expect(stub.origin.ledger.requests.contains { $0.headers["range"] == "bytes=100000-" })
        stub.inject { request, _ in request.method == "GET" ? cut : nil }
        let other = try tier()
        await #expect(throws: StoreError.self) { try await other.verify(digest) }
        #expect(BlobStoreConformance.isMissing(digest, in: other))
    }

    @Test("S-5: a bucket that is away: the folder goes on, and the bucket gets all of it later")
    func outage() async throws {
        let path = folder.newPath()
        let (hot, late) = (sample(50_000), sample(120_000, seed: 2))
        do {
            let tier = try tier(path)
            let digest = try await BlobStoreConformance.put(hot, in: tier)
            stub.origin.stop()
            let lateDigest = try await BlobStoreConformance.put(late, in: tier)
            #expect(tier.isBucketDown)
            #expect(tier.pendingCount == 1)
            #expect(try BlobStoreConformance.found(digest, in: tier) == hot)
            #expect(try BlobStoreConformance.found(lateDigest, in: tier) == late)
            // What is not here cannot be told: no miss, and nobody waits for it.
            await #expect(throws: StoreError.remote(status: 0)) {
                try await tier.verify(.of([1]))
            }
            await tier.uploadPending()
            #expect(tier.pendingCount == 1)
        }
        #expect(events.all.count == 1)
        // A restart forgets nothing.
        let tier = try tier(path)
        #expect(tier.pendingCount == 1)
        try stub.origin.restart()
        time.advance(seconds: 6)
        await tier.uploadPending()
        #expect(tier.pendingCount == 0)
        #expect(stub.objects[object(.of(late))] == late)
        #expect(try await self.tier().verify(.of(late)))
    }

    @Test("while it is away it is asked now and then, and found to be back")
    func recovery() async throws {
        let tier = try tier()
        stub.origin.stop()
        for seed in 1...20 {
            try await BlobStoreConformance.put(sample(10, seed: UInt32(seed)), in: tier)
        }
        #expect(tier.pendingCount == 20)
        try stub.origin.restart()
        #expect(tier.isBucketDown)
        time.advance(seconds: 6)
        try await BlobStoreConformance.put(sample(11), in: tier)
        #expect(tier.isBucketDown == false)
        #expect(tier.pendingCount == 20)
        await tier.uploadPending()
        #expect(tier.pendingCount == 0)
        #expect(stub.objects.count == 21)
        #expect(events.all.count == 2)
        #expect(events.all.last == .bucketUp)
    }

    @Test("what is nowhere else is not given up for room")
    func pendingStays() async throws {
        stub.origin.stop()
        let tier = try tier(limitBytes: 100_000)
        var digests: [BlobDigest] = []
        for seed in 1...8 {
            let content = sample(20_000, seed: UInt32(seed))
            digests.append(try await BlobStoreConformance.put(content, in: tier))
        }
        for digest in digests {
            #expect(try BlobStoreConformance.found(digest, in: tier) != nil)
        }
    }

    @Test("beside requests: the self test, what is pending, and the end with the task")
    func upkeep() async throws {
        let tier = try tier()
        stub.origin.stop()
        try await BlobStoreConformance.put(sample(10), in: tier)
        try stub.origin.restart()
        await withDiscardingTaskGroup { group in
            group.addTask { await tier.run() }
            let promised = Watched(false)
            group.addTask { [events] in
                while !events.all.contains(where: { if case .promises = $0 { true } else { false } }
                )
                    || tier.pendingCount > 0
                {
                    await Task.yield()
                }
                promised.update { $0 = true }
            }
            await promised.until { $0 }
            group.cancelAll()
        }
        #expect(stub.objects.count == 1)
    }
}
