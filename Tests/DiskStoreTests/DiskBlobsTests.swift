import Backends
import Conformance
import DiskStore
import Testing

@Suite(.timeLimit(.minutes(5))) final class DiskBlobsTests {
    let folder = ScratchFolder()

    var conformance: BlobStoreConformance {
        BlobStoreConformance { [folder] in try DiskBlobs(path: folder.newPath()) }
    }

    @Test("what was stored is found, whole", arguments: BlobStoreConformance.lengths)
    func roundTrip(byteCount: Int) async throws {
        try await conformance.roundTrip(byteCount, .durable)
        try await conformance.roundTrip(byteCount, .derived)
    }

    @Test("what is not stored is absent, which is no error")
    func absence() async throws { try await conformance.absence() }

    @Test("a staged blob is readable by followers and found by nobody")
    func stagedIsPrivate() async throws { try await conformance.stagedIsPrivate() }

    @Test("an abandoned blob is not stored")
    func abandoned() async throws { try await conformance.abandoned() }

    @Test("one content stored by many at once")
    func sameContentAtOnce() async throws { try await conformance.sameContentAtOnce() }

    @Test("a blob can be read in parts")
    func readInParts() async throws { try await conformance.readInParts() }

    @Test("a deleted blob is gone for new readers only")
    func deletion() async throws { try await conformance.deletion() }

    @Test("many blobs do not mix")
    func manyBlobs() async throws { try await conformance.manyBlobs() }
}
