import Backends
import BucketStore
import HTTPModel
import Support
import Testing

/// A GCS of others: what ours and our own double may have misread alike would show here.
@Suite(
    .timeLimit(.minutes(2)), .serialized,
    .enabled(if: FakeGCSServer.isInstalled, "scripts/clients installs fake-gcs-server"))
struct FakeGCSTests {
    private static let server = Result { try FakeGCSServer() }

    /// Only gives tokens: the server asks for none, and we send one all the same.
    private let tokens: GCSStub
    private let store: GCSObjects

    init() async throws {
        let time = TestTime()
        tokens = try GCSStub(now: time.now)
        let url = try await ServerProgram.aside { try Self.server.get().endpoint }
        guard let endpoint = AbsoluteURL(url),
            let place = GCSPlace(
                bucket: FakeGCSServer.bucket, prefix: "p/q+/", endpoint: endpoint)
        else { throw BucketProblem("no place") }
        let account = try ServiceAccount(SampleKey.file(tokenURL: tokens.tokenURL))
        store = GCSObjects(
            place, .serviceAccount(account), try Rig(time).outside(), pieceByteCount: 262_144)
    }

    @Test("what was stored is there, whole", arguments: ObjectStoreChecks.lengths)
    func roundTrip(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.roundTrip(store, byteCount)
        #expect(tokens.tokenCount == 1)
    }

    @Test("the rest of an object, and a list") func restAndList() async throws {
        try await ObjectStoreChecks.rest(store)
        try await ObjectStoreChecks.list(store)
    }

    @Test("bytes of another digest are never stored") func mismatch() async throws {
        try await ObjectStoreChecks.mismatch(store)
    }

    @Test("S-2: the self test says that it takes no notice of create-only, and leaves nothing")
    func promises() async throws {
        let promises = try await store.promises()
        #expect(promises.description != "all that is needed")
        #expect(!promises.isCreateOnly, "\(promises)")
        #expect(try await store.list("self-test/", from: nil).entries == [])
    }
}
