import Backends
import BucketStore
import Conformance
import Digests
import HTTPModel
import Support
import Testing
import Upstream

/// A real store that checks signatures.
@Suite(
    .timeLimit(.minutes(3)), .serialized,
    .enabled(if: SeaweedServer.isInstalled, "scripts/clients installs SeaweedFS"))
final class SeaweedTests {
    private static let server = Result { try SeaweedServer() }

    private static func endpoint() async throws -> String {
        try await ServerProgram.aside { try server.get().endpoint }
    }

    let folder = ScratchFolder()
    let rig: Rig

    init() throws {
        rig = try Rig(WallTime())
    }

    private func store(
        key: AccessKey = Rig.key, partByteCount: Int = 5 << 20
    ) async throws -> S3Objects {
        try rig.s3(
            await Self.endpoint(), source: .fixed(key), partByteCount: partByteCount)
    }

    @Test("what was stored is there, whole", arguments: [0, 1, 1_000_003, 11 << 20])
    func roundTrip(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.roundTrip(store(), byteCount)
    }

    @Test("S-2: a create-only put leaves what is there", arguments: [10, 6 << 20])
    func createOnly(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.createOnly(store(), byteCount)
    }

    @Test("the rest of an object, and a list") func restAndList() async throws {
        try await ObjectStoreChecks.rest(store())
        try await ObjectStoreChecks.list(store())
    }

    @Test("the self test finds all, and leaves nothing") func promises() async throws {
        try await ObjectStoreChecks.promises(store())
    }

    static let wrongKeys: [(AccessKey, String)] = [
        (AccessKey(id: SeaweedServer.keyID, secret: "wrong"), "SignatureDoesNotMatch"),
        (AccessKey(id: "nobody", secret: SeaweedServer.secret), "InvalidAccessKeyId"),
    ]

    @Test("a wrong key is refused, with the store's own word", arguments: wrongKeys)
    func wrongKey(_ key: AccessKey, _ code: String) async throws {
        let store = try await store(key: key)
        await #expect(throws: ObjectFault.refused(status: 403, code: code)) {
            try await store.put("x", ObjectContent([1]), .createOnly)
        }
    }

    @Test("an upload that is not ended is found and removed")
    func sweep() async throws {
        let store = try await store()
        let bytes = sample(6 << 20)
        // The last part cannot be read, and so it is taken back at once.
        let content = ObjectContent(byteCount: 12 << 20, digest: .of(bytes)) {
            (offset, count) async throws(StoreError) in
            guard offset == 0 else { throw .closed }
            return Array(bytes[0..<count])
        }
        await #expect(throws: ObjectFault.source(.closed)) {
            try await store.put("cut", content, .createOnly)
        }
        #expect(try await store.sweepUploads(olderThan: -3_600) == 0)
        #expect(try await store.byteCount(of: "cut") == nil)
    }

    @Test("a presigned URL lets anybody read one object for a time")
    func presigned() async throws {
        let store = try await store()
        _ = try await store.put("signed", ObjectContent([1, 2, 3]), .createOnly)
        let place = try Rig.s3Place(await Self.endpoint())
        let url = try #require(place.url("a/b c+/signed"))
        let query = RequestSigner(Rig.key, region: place.region).presigned(
            .init(
                method: "GET", host: url.authority, path: url.path,
                payload: RequestSigner.unsignedPayload),
            at: WallTime().now, for: 60)
        let limits = TransferLimits(total: .seconds(20), bodyBytes: 1 << 20)
        for (text, status) in [("?" + query, 200), ("?" + query + "0", 403), ("", 403)] {
            let signed = try #require(AbsoluteURL(url.description + text))
            let response = try await rig.client.send(
                ObjectRequest(.get, signed, limits: limits))
            #expect(response.status == status)
            response.body.cancel()
        }
        try await store.delete("signed")
    }

    @Test("the promises of every blob store, with a folder before it")
    func conformance() async throws {
        let bucket = try await store()
        let conformance = BlobStoreConformance { [folder] in
            try TieredBlobs(
                path: folder.newPath(), limitBytes: 1 << 30, before: bucket, time: WallTime())
        }
        try await conformance.absence()
        for byteCount in BlobStoreConformance.lengths {
            try await conformance.roundTrip(byteCount, .durable)
            try await conformance.roundTrip(byteCount, .derived)
        }
        try await conformance.stagedIsPrivate()
        try await conformance.abandoned()
        try await conformance.sameContentAtOnce()
        try await conformance.readInParts()
        try await conformance.deletion()
        try await conformance.manyBlobs()
        #expect(try await bucket.sweepUploads(olderThan: -3_600) == 0)
    }
}
