import Backends
import BucketStore
import Digests
import HTTPModel
import Linux
import Support
import Synchronization
import Upstream

/// Clocks that a test moves; pauses pass at once and are counted as time.
final class TestTime: TimeSource {
    private let state = Mutex((second: Int64(1_369_353_600), nanoseconds: UInt64(1)))

    var now: Int64 { state.withLock { $0.second } }
    var uptimeNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }

    func advance(seconds: Int64) {
        state.withLock {
            $0.second += seconds
            $0.nanoseconds += UInt64(seconds) * 1_000_000_000
        }
    }

    func sleep(for duration: Duration) async {
        await Task.yield()
        let (seconds, attoseconds) = duration.components
        state.withLock {
            $0.nanoseconds += UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        }
    }
}

/// The real clocks.
struct WallTime: TimeSource {
    var now: Int64 { Int64(SystemClock.unixSeconds) }
    var uptimeNanoseconds: UInt64 { SystemClock.monotonicNanoseconds }
    func sleep(for duration: Duration) async { await Task.yield() }
}

/// A client of doubles and of real stores.
struct Rig: Sendable {
    let client: CurlClient
    let time: any TimeSource

    init(_ time: any TimeSource = TestTime()) throws {
        client = try CurlClient(ClientSettings(version: "test"))
        self.time = time
    }

    func outside(files: [String: [UInt8]] = [:]) -> BucketOutside {
        BucketOutside(client: client, time: time, environment: [:]) { files[$0] }
    }

    static func s3Place(_ endpoint: String, prefix: String = "a/b c+/") throws -> S3Place {
        guard let url = AbsoluteURL(endpoint),
            let place = S3Place(
                bucket: SeaweedServer.bucket, prefix: prefix, region: "us-east-1", endpoint: url)
        else { throw BucketProblem("no place") }
        return place
    }

    static let key = AccessKey(id: SeaweedServer.keyID, secret: SeaweedServer.secret)

    func s3(
        _ endpoint: String, source: CredentialSource = .fixed(key), prefix: String = "a/b c+/",
        partByteCount: Int = 65_536, files: [String: [UInt8]] = [:]
    ) throws -> S3Objects {
        S3Objects(
            try Self.s3Place(endpoint, prefix: prefix), source, outside(files: files),
            partByteCount: partByteCount)
    }

    func gcs(_ stub: GCSStub, source: TokenSource? = nil) throws -> GCSObjects {
        guard
            let place = GCSPlace(
                bucket: "bucket", prefix: "p/q+/", endpoint: stub.origin.url("/"))
        else { throw BucketProblem("no place") }
        let account = try ServiceAccount(SampleKey.file(tokenURL: stub.tokenURL))
        return GCSObjects(
            place, source ?? .serviceAccount(account), outside(), pieceByteCount: 262_144)
    }
}

/// Bytes that are different everywhere.
func sample(_ byteCount: Int, seed: UInt32 = 1) -> [UInt8] {
    Pattern(byteCount: byteCount, seed: seed).bytes(0..<byteCount)
}

extension ObjectStore {
    /// All of an object; nil when there is none.
    func bytes(_ name: String, from offset: Int = 0) async throws -> [UInt8]? {
        guard let body = try await get(name, from: offset) else { return nil }
        var bytes: [UInt8] = []
        while let piece = try await body.next() { bytes += piece }
        return bytes
    }
}
