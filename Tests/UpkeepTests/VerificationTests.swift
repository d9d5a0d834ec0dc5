import Backends
import Conformance
import Digests
import Resources
import Support
import Synchronization
import Testing
import Upkeep

/// What `larder verify` finds, and what it does about it.
@Suite(.timeLimit(.minutes(5))) struct VerificationTests {
    /// Long after all rows were stored.
    private static let now: Int64 = 1_000_000

    /// A place with one good file, one damaged, one lost, one orphan and a rendering.
    private struct Scene {
        let place: Place
        let metadata = MemoryMetadata()
        let good, damaged, lost, orphan: BlobDigest

        init(_ kind: Place.Kind) async throws {
            place = try Place(kind)
            good = try await place.store([1, 2, 3])
            damaged = try await place.store([4, 5])
            orphan = try await place.store([6])
            lost = .of([7, 7])
            try await metadata.store(Rows.row("good", good, byteCount: 3), facts: [])
            try await metadata.store(
                Rows.row("again", good, byteCount: 3, kind: .document), facts: [])
            try await metadata.store(Rows.row("damaged", damaged, byteCount: 2), facts: [])
            try await metadata.store(Rows.row("lost", lost, byteCount: 2), facts: [])
            try await metadata.store(
                Rows.row("lost page", lost, byteCount: 2, kind: .document), facts: [])
            _ = try await metadata.pin(Rows.row("lost", lost, byteCount: 2).key, to: lost)
            try spoil()
        }

        private func spoil() throws {
            if let s3 = place.s3 {
                s3.objects["p/" + damaged.hex.shard] = [9, 9]
            } else if let gcs = place.gcs {
                gcs.objects["p/" + damaged.hex.shard] = [9, 9]
            } else {
                try place.folder.write(
                    [9, 9], to: place.folder.path + "/data/blobs/" + damaged.hex.shard)
            }
        }

        func keys() async throws -> Set<String> {
            Set(
                try await metadata.rows(after: nil, limit: 99).rows.map {
                    String($0.response.key.text.split(separator: " ", maxSplits: 3)[3])
                })
        }
    }

    @Test("what is wrong is said, and nothing changes", arguments: Place.Kind.allCases)
    func finding(_ kind: Place.Kind) async throws {
        let scene = try await Scene(kind)
        let lines = Mutex<[String]>([])
        let report = try await Verification(
            places: [scene.place.place], metadata: scene.metadata, now: Self.now,
            watch: UpkeepWatch(finding: { line in lines.withLock { $0.append(line) } })
        ).run()
        #expect(report.blobCount == 3)
        #expect(report.byteCount == 6)
        #expect(report.rowCount == 5)
        #expect(report.damagedCount == 1)
        #expect(report.missingCount == 2)
        #expect(report.orphans == LeftoverCount(count: 1, byteCount: 1))
        #expect(report.removedCount == 0)
        #expect(!report.isGood)
        #expect(lines.withLock { $0.count } == 3)
        #expect(try await scene.keys().count == 5)
        #expect(try await scene.place.holds(scene.damaged))
    }

    @Test("repair leaves what is right, and pins; then all is well", arguments: Place.Kind.allCases)
    func repair(_ kind: Place.Kind) async throws {
        let scene = try await Scene(kind)
        let repair = Verification.Repair { $0.key.text.hasSuffix("lost page") }
        let report = try await Verification(
            places: [scene.place.place], metadata: scene.metadata, now: Self.now, repair: repair
        ).run()
        #expect(report.removedCount == 2)
        #expect(try await scene.keys() == ["good", "again", "lost page"])
        #expect(try await !scene.place.holds(scene.damaged))
        let pinned = Rows.row("lost", scene.lost, byteCount: 2).key
        #expect(try await scene.metadata.pin(for: pinned) == scene.lost)
        // Running servers are told.
        let changes = try await scene.metadata.changes(after: 0).changes
        #expect(changes.map(\.kind) == [.purged, .purged])
        let again = try await Verification(
            places: [scene.place.place], metadata: scene.metadata, now: Self.now
        ).run()
        #expect(again.damagedCount == 0)
        // The one that has to stay.
        #expect(again.missingCount == 1)
    }

    @Test("a row of another length than its blob is wrong")
    func otherLength() async throws {
        let place = try Place(.folder)
        let metadata = MemoryMetadata()
        let digest = try await place.store([1, 2, 3])
        try await metadata.store(Rows.row("a", digest, byteCount: 4), facts: [])
        let report = try await Verification(
            places: [place.place], metadata: metadata, now: Self.now
        ).run()
        #expect(report.missingCount == 1)
        #expect(report.orphans.count == 0)
    }

    @Test("renderings are not expected in a bucket")
    func renderings() async throws {
        let place = try Place(.s3)
        let metadata = MemoryMetadata()
        try await metadata.store(
            Rows.row("r", .of([8]), byteCount: 1, kind: .rendering), facts: [])
        // Also where no folder is before it, as in a job of its own.
        let report = try await Verification(
            places: [BlobPlace(name: "bucket", inventory: place.inventory, isBucket: true)],
            metadata: metadata, now: Self.now, repair: Verification.Repair { _ in false }
        ).run()
        #expect(report.removedCount == 0)
        #expect(report.isGood)
    }

    @Test("what was stored within a day may be on its way to the bucket from another server")
    func pending() async throws {
        let place = try Place(.s3)
        let metadata = MemoryMetadata()
        try await metadata.store(Rows.row("a", .of([8]), byteCount: 1), facts: [])
        for (isBucket, age) in [(true, Int64(86_399)), (true, 86_401), (false, 86_399)] {
            let report = try await Verification(
                places: [BlobPlace(name: "b", inventory: place.inventory, isBucket: isBucket)],
                metadata: metadata, now: 1_000 + age
            ).run()
            let isPending = isBucket && age < 86_400
            #expect(report.pendingCount == (isPending ? 1 : 0))
            #expect(report.missingCount == (isPending ? 0 : 1))
        }
        // It stays, also where other files are there.
        try await place.store([1])
        let report = try await Verification(
            places: [BlobPlace(name: "b", inventory: place.inventory, isBucket: true)],
            metadata: metadata, now: 2_000, repair: Verification.Repair { _ in false }
        ).run()
        #expect(report.isGood && report.removedCount == 0)
        #expect(try await metadata.totals().responseCount == 1)
    }

    @Test("a store where most is missing is another one: no row goes", arguments: [0, 1])
    func wrongStore(_ blobCount: Int) async throws {
        let place = try Place(.folder)
        let metadata = MemoryMetadata()
        for index in 0..<200 {
            let body = BlobDigest.of(Array("\(index)".utf8))
            try await metadata.store(Rows.row("f\(index)", body, byteCount: 1), facts: [])
        }
        if blobCount > 0 { try await place.store(Array("7".utf8)) }
        let report = try await Verification(
            places: [place.place], metadata: metadata, now: Self.now,
            repair: Verification.Repair { _ in false }
        ).run()
        #expect(report.isRefused)
        #expect(report.missingCount == 200 - blobCount)
        #expect(try await metadata.totals().responseCount == 200)
    }
}
