import Backends
import Conformance
import Digests
import Linux
import Resources
import Support
import Testing
import Upkeep

/// Orphans go when they are old, and nothing else does.
@Suite(.timeLimit(.minutes(5))) struct OrphanSweepTests {
    private static let day: Int64 = 86_400

    @Test(
        "an old blob without a row goes; a young one and one with a row stay",
        arguments: Place.Kind.allCases)
    func sweep(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let metadata = MemoryMetadata()
        let orphan = try await place.store([1, 2, 3])
        let kept = try await place.store([4, 5])
        try await metadata.store(Rows.row("kept", kept, byteCount: 2), facts: [])
        try place.age(seconds: 2 * Self.day)
        let young = try await place.store([6])
        let sweep = OrphanSweep(places: [place.place], rows: metadata)

        let seen = try await sweep.run(before: place.now - Self.day, removes: false)
        #expect(seen.orphans == LeftoverCount(count: 1, byteCount: 3))
        #expect(seen.blobCount == 3)
        #expect(try await place.holds(orphan))

        let done = try await sweep.run(before: place.now - Self.day, removes: true)
        #expect(done.orphans == seen.orphans)
        #expect(try await !place.holds(orphan))
        #expect(try await place.holds(kept))
        #expect(try await place.holds(young))
        // Nothing is left of the work itself.
        #expect(place.s3?.objects.count ?? 2 == 2)
        let again = try await sweep.run(before: place.now - Self.day, removes: true)
        #expect(again.orphans.count == 0)
    }

    @Test("an orphan that is published again is young", arguments: Place.Kind.allCases)
    func republished(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let digest = try await place.store([1, 2, 3])
        try place.age(seconds: 2 * Self.day)
        try await place.store([1, 2, 3])
        let report = try await OrphanSweep(places: [place.place], rows: MemoryMetadata())
            .run(before: place.now - Self.day, removes: true)
        #expect(report.orphans.count == 0)
        #expect(try await place.holds(digest))
    }

    @Test(
        "a row that comes between the list and the removal keeps its blob",
        arguments: Place.Kind.allCases)
    func lateRow(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let digest = try await place.store([1, 2, 3])
        try place.age(seconds: 2 * Self.day)
        let blob = try #require(try await place.inventory.blob(digest))
        let gone = try await place.inventory.remove([blob], untouchedSince: place.now) {
            (digests) async throws(StoreError) in Set(digests)
        }
        #expect(gone == [])
        #expect(try await place.holds(digest))
    }

    @Test(
        "whoever publishes while a blob is being removed has it in the end",
        arguments: Place.Kind.allCases)
    func publishedMeanwhile(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let digest = try await place.store([1, 2, 3])
        try place.age(seconds: 2 * Self.day)
        let blob = try #require(try await place.inventory.blob(digest))
        let gone = try await place.inventory.remove([blob], untouchedSince: place.now) {
            (_) async throws(StoreError) in
            // The last moment: rows are asked for right before.
            do {
                try await place.store([1, 2, 3])
            } catch {
                throw .busy
            }
            return []
        }
        #expect(gone == [])
        #expect(try await place.holds(digest))
    }

    @Test("a database that fails removes nothing", arguments: Place.Kind.allCases)
    func failing(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let digest = try await place.store([1, 2, 3])
        try place.age(seconds: 2 * Self.day)
        let blob = try #require(try await place.inventory.blob(digest))
        await #expect(throws: StoreError.unreachable) {
            try await place.inventory.remove([blob], untouchedSince: place.now) {
                (_) async throws(StoreError) in throw .unreachable
            }
        }
        #expect(try await place.holds(digest))
        // The mark does not stay either.
        #expect(place.s3?.objects.count ?? 1 == 1)
    }

    @Test("unfinished and damaged files of a folder go by age")
    func leftovers() async throws {
        let place = try Place(.folder)
        let root = place.folder.path + "/data"
        try place.folder.write([1], to: root + "/staging/old")
        try place.folder.write([2, 2], to: root + "/quarantine/old")
        try place.age(seconds: 2 * Self.day)
        try place.folder.write([3, 3, 3], to: root + "/staging/young")
        let sweep = OrphanSweep(places: [place.place], rows: MemoryMetadata())
        for removes in [false, true] {
            let report = try await sweep.run(before: place.now - Self.day, removes: removes)
            #expect(report.leftovers == LeftoverCount(count: 2, byteCount: 3))
        }
        #expect(try place.folder.names(in: "data/staging") == ["young"])
        #expect(try place.folder.names(in: "data/quarantine") == [])
    }

    @Test("a blob whose row stays on a full disk goes when it is forced")
    func forced() async throws {
        let place = try Place(.folder)
        let metadata = MemoryMetadata()
        let digest = try await place.store([1, 2, 3])
        try await metadata.store(Rows.row("a", digest, byteCount: 3), facts: [])
        try place.age(seconds: 60)
        let sweep = OrphanSweep(places: [place.place], rows: metadata)
        try await sweep.remove([digest], untouchedSince: place.now, isForced: false)
        #expect(try await place.holds(digest))
        try await sweep.remove([digest], untouchedSince: place.now, isForced: true)
        #expect(try await !place.holds(digest))
    }

    @Test("where most of many old files would go, that is another database's store")
    func implausible() async throws {
        let place = try Place(.folder)
        let metadata = MemoryMetadata()
        for index in 0..<202 {
            let bytes = Array("\(index)".utf8)
            let digest = try await place.store(bytes)
            guard index < 101 else { continue }
            try await metadata.store(
                Rows.row("f\(index)", digest, byteCount: bytes.count), facts: [])
        }
        try place.age(seconds: 2 * Self.day)
        for index in 0..<50 { try await place.store(Array("young \(index)".utf8)) }
        let sweep = OrphanSweep(places: [place.place], rows: metadata)
        let half = try await sweep.run(before: place.now - Self.day, removes: false)
        #expect(half.orphans.count == 101 && !half.isImplausible)
        try await metadata.remove(Rows.row("f0", .of([0]), byteCount: 0).key)
        let more = try await sweep.run(before: place.now - Self.day, removes: false)
        #expect(more.orphans.count == 102 && more.isImplausible)
        // A folder before the store may hold anything.
        let tier = BlobPlace(name: "tier", inventory: place.inventory, isTier: true)
        let other = try await OrphanSweep(places: [tier], rows: metadata)
            .run(before: place.now - Self.day, removes: false)
        #expect(other.orphans.count == 102 && !other.isImplausible)
    }

    @Test("who publishes an old object waits for a young mark, and not for one that was left")
    func marks() async throws {
        for (age, waits) in [(Int64(59), true), (61, false)] {
            let place = try Place(.s3)
            try await place.store([1, 2, 3])
            try place.age(seconds: 2 * Self.day)
            let s3 = try #require(place.s3)
            s3.objects["p/gc/left"] = []
            s3.set("p/gc/left", storedAt: place.time.now - age)
            let pauses = place.time.pauseCount
            try await place.store([1, 2, 3])
            #expect((place.time.pauseCount > pauses) == waits, "\(age)")
        }
    }

    @Test("a bucket of many pages is looked through to its end")
    func pages() async throws {
        let place = try Place(.s3)
        place.s3?.pageCount = 2
        for byte in UInt8(0)..<7 { try await place.store([byte]) }
        try place.age(seconds: 2 * Self.day)
        let report = try await OrphanSweep(places: [place.place], rows: MemoryMetadata())
            .run(before: place.now - Self.day, removes: true)
        #expect(report.orphans.count == 7)
        #expect(place.s3?.objects.count == 0)
    }

    @Test("an object of unknown age stays")
    func unknownAge() async throws {
        let place = try Place(.s3)
        let digest = BlobDigest.of([7])
        place.s3?.objects["p/" + digest.hex.shard] = [7]
        let report = try await OrphanSweep(places: [place.place], rows: MemoryMetadata())
            .run(before: place.now + Self.day, removes: true)
        #expect(report.blobCount == 1)
        #expect(report.orphans.count == 0)
    }
}

extension String {
    /// The path of a blob below its place.
    var shard: String { "\(prefix(2))/\(dropFirst(2).prefix(2))/\(self)" }
}
