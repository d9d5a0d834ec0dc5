import Backends
import Conformance
import Digests
import Resources
import SQLiteStore
import Support
import Synchronization
import Testing
import Upkeep

/// Moving from one place to another, stopped in the middle and begun again.
@Suite(.timeLimit(.minutes(5))) struct MigrationTests {
    private typealias Samples = MetadataSamples

    private static func fill(_ place: Place, _ metadata: MemoryMetadata) async throws {
        for index in 0..<20 {
            let bytes = Pattern(byteCount: 1_000 + index, seed: UInt32(index)).bytes(
                0..<1_000 + index)
            let digest = try await place.store(bytes)
            let row = Rows.row("f\(index)", digest, byteCount: bytes.count)
            _ = try await metadata.pin(row.key, to: digest)
            try await metadata.store(row, facts: [])
        }
        _ = try await metadata.storeMalwareList([1, 2], after: 0, at: 5)
        let page = try await place.store([1])
        let fact = try #require(Samples.fact("f0"))
        try await metadata.store(
            Rows.row("page", page, byteCount: 1, kind: .document), facts: [fact])
        let shown = try await place.store([2])
        try await metadata.store(
            Rows.row("html", shown, byteCount: 1, kind: .rendering), facts: [])
        try await metadata.beginOutage(of: "pypi", at: 10)
        _ = try await metadata.endOutage(of: "pypi", at: 20, servedCount: 3)
        try await metadata.beginOutage(of: "npm", at: 30)
        try await metadata.record(
            StoredEvent(kind: .withdrawn, at: 5, upstream: "pypi", subject: "x"))
        try await metadata.accept(Samples.document("page"), until: 99)
        try await metadata.beginDrill(["npm"], at: 40)
    }

    @Test(
        "all is there afterwards, each byte verified", arguments: Place.Kind.allCases,
        Place.Kind.allCases)
    func moves(_ from: Place.Kind, _ to: Place.Kind) async throws {
        let (source, target) = (try Place(from), try Place(to))
        let old = MemoryMetadata()
        try await Self.fill(source, old)
        let folder = ScratchFolder()
        let new = try SQLiteMetadata(folder: folder.path)
        let migration = Migration(
            .init(rows: old, blobs: source.inventory, newRows: new, newBlobs: target.target))
        let report = try await migration.run()
        #expect(report.isGood)
        #expect(report.blobs.count == 21)
        #expect(report.rowCount == 21)
        #expect(report.pinCount == 20)
        // A second run finds everything there, and doubles nothing.
        let again = try await migration.run()
        #expect(again.blobs.count == 0)
        #expect(again.presentCount == 21)
        let rows = try await old.rows(after: nil, limit: 99).rows
            .filter { $0.response.kind != .rendering }
        #expect(try await new.rows(after: nil, limit: 99).rows == rows)
        #expect(try await new.outages(limit: 9) == old.outages(limit: 9))
        #expect(try await new.recent(limit: 9) == old.recent(limit: 9))
        #expect(try await new.acceptances() == old.acceptances())
        #expect(try await new.drills() == old.drills())
        #expect(try await new.malwareList(after: 0)?.bytes == [1, 2])
        #expect(try await new.facts(after: nil, limit: 9) == old.facts(after: nil, limit: 9))
        let check = try await Verification(
            places: [BlobPlace(name: "new", inventory: target.inventory)], metadata: new,
            now: 1_000_000
        ).run()
        #expect(check.isGood)
        #expect(check.orphans.count == 0)
        await new.close()
    }

    @Test("stopped in the middle it goes on from there")
    func restart() async throws {
        let (source, target) = (try Place(.folder), try Place(.s3))
        let (old, new) = (MemoryMetadata(), MemoryMetadata())
        try await Self.fill(source, old)
        let stub = try #require(target.s3)
        let puts = Mutex(0)
        stub.inject { request, _ in
            guard request.method == "PUT" else { return nil }
            let count = puts.withLock { count in
                count += 1
                return count
            }
            return count > 8 ? S3Stub.error(403, "AccessDenied") : nil
        }
        let migration = Migration(
            .init(rows: old, blobs: source.inventory, newRows: new, newBlobs: target.target))
        await #expect(throws: StoreError.remote(status: 403)) { try await migration.run() }
        #expect(stub.objects.count == 8)
        stub.inject(nil)
        let report = try await migration.run()
        #expect(report.presentCount == 8)
        #expect(report.blobs.count == 13)
        #expect(report.isGood)
    }

    @Test("a pin of the target holds, and the file that differs stays behind")
    func conflict() async throws {
        let source = try Place(.folder)
        let (old, new) = (MemoryMetadata(), MemoryMetadata())
        try await Self.fill(source, old)
        let key = Samples.artifact("f3")
        _ = try await new.pin(key, to: .of([0]))
        let lines = Mutex<[String]>([])
        let report = try await Migration(
            .init(rows: old, blobs: nil, newRows: new, newBlobs: nil),
            watch: UpkeepWatch(finding: { line in lines.withLock { $0.append(line) } })
        ).run()
        #expect(report.conflictCount == 1)
        #expect(!report.isGood)
        #expect(try await new.pin(for: key) == .of([0]))
        #expect(try await new.response(for: key) == nil)
        #expect(report.rowCount == 20)
        #expect(lines.withLock { $0.count } == 1)
    }

    @Test("of a document that the target validated later, the facts stay as well")
    func laterDocument() async throws {
        let (old, new) = (MemoryMetadata(), MemoryMetadata())
        let (first, second) = (Samples.document("first"), Samples.document("second"))
        let facts = try ["one.whl", "two.whl"].map { try #require(Samples.fact($0)) }
        try await old.store(Samples.response(first, storedAt: 100), facts: [facts[0]])
        try await old.store(Samples.response(second, storedAt: 100), facts: [facts[1]])
        let newer = Samples.response(first, body: "newer", storedAt: 200)
        try await new.store(newer, facts: [])
        let report = try await Migration(
            .init(rows: old, blobs: nil, newRows: new, newBlobs: nil)
        ).run()
        #expect(report.factCount == 1)
        #expect(try await new.response(for: first) == newer)
        #expect(try await new.facts(after: nil, limit: 9).rows.map(\.fact) == [facts[1]])
    }

    @Test("a file that is lost or damaged at the source is said, and not copied")
    func lost() async throws {
        let (source, target) = (try Place(.folder), try Place(.folder))
        let old = MemoryMetadata()
        let damaged = try await source.store([4, 5])
        try await old.store(Rows.row("damaged", damaged, byteCount: 2), facts: [])
        try await old.store(Rows.row("lost", .of([7]), byteCount: 1), facts: [])
        try source.folder.write(
            [9, 9], to: source.folder.path + "/data/blobs/" + damaged.hex.shard)
        let report = try await Migration(
            .init(rows: old, blobs: source.inventory, newRows: nil, newBlobs: target.target)
        ).run()
        #expect(report.lostCount == 2)
        #expect(report.blobs.count == 0)
        #expect(try await !target.holds(damaged))
    }
}
