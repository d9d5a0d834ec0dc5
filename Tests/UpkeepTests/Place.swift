import Backends
import BucketStore
import Conformance
import Digests
import DiskStore
import HTTPModel
import Linux
import Resources
import Support
import Synchronization
import Upkeep
import Upstream

/// A store of each kind that servers use and commands look through.
final class Place: Sendable {
    enum Kind: String, Sendable, CaseIterable { case folder, s3, gcs }

    let folder = ScratchFolder()
    let blobs: any BlobStore & LocalBlobs
    let inventory: any BlobInventory
    let target: any BlobTarget
    let time: SteppedTime
    let s3: S3Stub?
    let gcs: GCSStub?
    private let client: CurlClient?

    /// Clocks of buckets stand until a test moves them; a folder has the machine's own.
    init(_ kind: Kind) throws {
        let path = folder.path + "/data"
        let time = SteppedTime()
        self.time = time
        guard kind != .folder else {
            (s3, gcs, client) = (nil, nil, nil)
            let blobs = try DiskBlobs(path: path)
            self.blobs = blobs
            target = blobs
            guard let opened = try FolderInventory(path: path) else { throw Missing() }
            inventory = opened
            return
        }
        let client = try CurlClient(ClientSettings(version: "test"))
        self.client = client
        let outside = BucketOutside(client: client, time: time, environment: [:]) { _ in nil }
        let bucket: any ObjectStore
        if kind == .s3 {
            let stub = try S3Stub()
            stub.follow { time.now }
            (s3, gcs) = (stub, nil)
            bucket = try Self.s3(stub, outside)
        } else {
            let stub = try GCSStub(now: time.now)
            (s3, gcs) = (nil, stub)
            guard
                let place = GCSPlace(
                    bucket: "bucket", prefix: "p/", endpoint: stub.origin.url("/"))
            else { throw Missing() }
            let account = try ServiceAccount(SampleKey.file(tokenURL: stub.tokenURL))
            bucket = GCSObjects(place, .serviceAccount(account), outside)
        }
        blobs = try TieredBlobs(path: path, limitBytes: 1 << 30, before: bucket, time: time)
        let inventory = BucketInventory(bucket, scratch: folder.path, time: time)
        self.inventory = inventory
        target = inventory
    }

    static func s3(_ stub: S3Stub, _ outside: BucketOutside) throws -> S3Objects {
        guard let url = AbsoluteURL(stub.origin.base),
            let place = S3Place(bucket: "bucket", prefix: "p/", region: "r", endpoint: url)
        else { throw Missing() }
        return S3Objects(place, .fixed(AccessKey(id: "id", secret: "secret")), outside)
    }

    struct Missing: Error {}

    var place: BlobPlace { BlobPlace(name: "here", inventory: inventory) }

    /// The seconds by which all that was stored so far is older afterwards; of a folder, the name's
    /// own time is set back.
    func age(seconds: Int64) throws {
        time.advance(seconds: seconds)
        gcs?.now = time.now
        guard s3 == nil, gcs == nil else { return }
        try Aging.setBack(folder.path + "/data", seconds: seconds)
    }

    /// The same for one blob, which may have gone.
    func age(_ digest: BlobDigest, seconds: Int64) {
        let name = digest.hex.shard
        s3?.age("p/" + name, seconds: seconds)
        guard s3 == nil, gcs == nil else { return }
        try? Aging.setBack(file: folder.path + "/data/blobs/" + name, seconds: seconds)
    }

    /// What counts as now in this place.
    var now: Int64 { s3 == nil && gcs == nil ? Int64(SystemClock.unixSeconds) : time.now }

    @discardableResult
    func store(_ bytes: [UInt8]) async throws -> BlobDigest {
        let digest = BlobDigest.of(bytes)
        let staged = try await blobs.stage(.durable)
        try await staged.append(bytes)
        _ = try await staged.commit(as: digest)
        return digest
    }

    func holds(_ digest: BlobDigest) async throws -> Bool {
        try await inventory.blob(digest) != nil
    }
}

/// Clocks that a test moves; pauses pass as soon as others had their turns.
final class SteppedTime: TimeSource {
    private let state = Mutex(
        (second: Int64(1_800_000_000), nanoseconds: UInt64(1), pauseCount: 0))

    var now: Int64 { state.withLock { $0.second } }
    var uptimeNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }

    func advance(seconds: Int64) {
        state.withLock {
            $0.second += seconds
            $0.nanoseconds += UInt64(seconds) * 1_000_000_000
        }
    }

    var pauseCount: Int { state.withLock { $0.pauseCount } }

    func sleep(for duration: Duration) async {
        state.withLock { $0.pauseCount += 1 }
        for _ in 0..<200 { await Task.yield() }
    }
}

/// Rows for blobs.
enum Rows {
    static func row(
        _ name: String, _ body: BlobDigest, byteCount: Int, kind: StoredResponse.Kind = .artifact
    ) -> StoredResponse {
        let key: CacheKey =
            switch kind {
            case .artifact: MetadataSamples.artifact(name)
            case .document: MetadataSamples.document(name)
            case .rendering: CacheKey(renderingOf: body.hex, recipe: name)
            }
        return StoredResponse(
            key: key, kind: kind, headers: Headers(), body: body, byteCount: byteCount,
            entityTag: nil, storedAt: 1_000, validatedAt: 1_000, lifetimeSeconds: 1)
    }
}
