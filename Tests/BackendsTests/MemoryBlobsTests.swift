import Backends
import Conformance
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemoryBlobsTests {
    static let conformance = BlobStoreConformance { MemoryBlobs() }

    @Test("what was stored is found, whole", arguments: BlobStoreConformance.lengths)
    func roundTrip(byteCount: Int) async throws {
        try await Self.conformance.roundTrip(byteCount, .durable)
        try await Self.conformance.roundTrip(byteCount, .derived)
    }

    @Test("what is not stored is absent, which is no error")
    func absence() async throws { try await Self.conformance.absence() }

    @Test("a staged blob is readable by followers and found by nobody")
    func stagedIsPrivate() async throws { try await Self.conformance.stagedIsPrivate() }

    @Test("an abandoned blob is not stored")
    func abandoned() async throws { try await Self.conformance.abandoned() }

    @Test("one content stored by many at once")
    func sameContentAtOnce() async throws { try await Self.conformance.sameContentAtOnce() }

    @Test("a blob can be read in parts")
    func readInParts() async throws { try await Self.conformance.readInParts() }

    @Test("a deleted blob is gone for new readers only")
    func deletion() async throws { try await Self.conformance.deletion() }

    @Test("many blobs do not mix")
    func manyBlobs() async throws { try await Self.conformance.manyBlobs() }
}
