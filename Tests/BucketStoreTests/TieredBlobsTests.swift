import Backends
import BucketStore
import Conformance
import Digests
import Support
import Testing

/// The promises of every blob store, before each kind of bucket.
@Suite(.timeLimit(.minutes(5))) final class TieredBlobsTests {
    enum Kind: String, Sendable, CaseIterable { case s3, gcs }

    let folder = ScratchFolder()
    let s3: S3Stub
    let gcs: GCSStub
    let time = TestTime()

    init() throws {
        s3 = try S3Stub()
        gcs = try GCSStub(now: time.now)
    }

    func conformance(_ kind: Kind) throws -> BlobStoreConformance {
        let rig = try Rig(time)
        let bucket: any ObjectStore =
            kind == .s3 ? try rig.s3(s3.origin.base) : try rig.gcs(gcs)
        return BlobStoreConformance { [folder, time] in
            try TieredBlobs(
                path: folder.newPath(), limitBytes: 1 << 30, before: bucket, time: time)
        }
    }

    @Test("what was stored is found, whole", arguments: Kind.allCases)
    func roundTrip(_ kind: Kind) async throws {
        for byteCount in BlobStoreConformance.lengths {
            try await conformance(kind).roundTrip(byteCount, .durable)
            try await conformance(kind).roundTrip(byteCount, .derived)
        }
        #expect(s3.openUploadCount == 0)
        #expect(gcs.openSessionCount == 0)
    }

    @Test("what is not stored is absent, which is no error", arguments: Kind.allCases)
    func absence(_ kind: Kind) async throws { try await conformance(kind).absence() }

    @Test("a staged blob is readable by followers and found by nobody", arguments: Kind.allCases)
    func stagedIsPrivate(_ kind: Kind) async throws {
        try await conformance(kind).stagedIsPrivate()
    }

    @Test("an abandoned blob is not stored", arguments: Kind.allCases)
    func abandoned(_ kind: Kind) async throws {
        try await conformance(kind).abandoned()
        #expect(s3.objects.isEmpty && gcs.objects.isEmpty)
    }

    @Test("one content stored by many at once", arguments: Kind.allCases)
    func sameContentAtOnce(_ kind: Kind) async throws {
        try await conformance(kind).sameContentAtOnce()
        #expect(s3.overwriteCount == 0)
    }

    @Test("a blob can be read in parts", arguments: Kind.allCases)
    func readInParts(_ kind: Kind) async throws { try await conformance(kind).readInParts() }

    @Test("a deleted blob is gone for new readers only", arguments: Kind.allCases)
    func deletion(_ kind: Kind) async throws {
        try await conformance(kind).deletion()
        #expect(s3.objects.count + gcs.objects.count == 1)
    }

    @Test("many blobs do not mix", arguments: Kind.allCases)
    func manyBlobs(_ kind: Kind) async throws { try await conformance(kind).manyBlobs() }
}
