import Backends
import BucketStore
import Configuration
import FoundationEssentials
import HTTPModel
import Metrics
import Upstream

/// Makes the bucket and the folder before it from the settings.
enum BucketWiring {
    /// Opens the tier; the bucket itself is asked later, since the server works without it.
    static func tier(
        _ location: BucketLocation, _ settings: Settings, _ observer: Observer,
        _ client: CurlClient
    ) throws(StartFailure) -> TieredBlobs {
        let bucket: any ObjectStore
        do throws(BucketProblem) {
            bucket = try objects(location, client)
        } catch {
            throw StartFailure("\(location.description): \(error)")
        }
        let folder = settings.folder + "/tier"
        do throws(StoreOpenError) {
            return try TieredBlobs(
                path: folder, limitBytes: settings.tierSizeBytes, before: bucket,
                time: SystemTime(), onEvent: observer.noteBucket)
        } catch {
            throw StartFailure("the data folder \(folder) cannot be used: \(error)")
        }
    }

    static func objects(
        _ location: BucketLocation, _ client: CurlClient
    ) throws(BucketProblem) -> any ObjectStore {
        let environment = ProcessInfo.processInfo.environment
        let readFile: @Sendable (String) -> [UInt8]? = { Larder.contents(of: $0) }
        let outside = BucketOutside(
            client: client, time: SystemTime(), environment: environment, readFile: readFile)
        let prefix = location.prefix.isEmpty ? "" : location.prefix + "/"
        switch location.service {
        case .s3:
            let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].compactMap { environment[$0] }
            let region = location.region ?? named.first { !$0.isEmpty } ?? "us-east-1"
            guard
                let place = S3Place(
                    bucket: location.bucket, prefix: prefix, region: region,
                    endpoint: location.endpoint, isPathStyle: location.isPathStyle)
            else { throw BucketProblem("the region \(region) is no name") }
            let source = try CredentialSource.chosen(environment, region: region)
            return S3Objects(place, source, outside)
        case .gs:
            guard
                let place = GCSPlace(
                    bucket: location.bucket, prefix: prefix, endpoint: location.endpoint)
            else { throw BucketProblem("this is no place") }
            let source = try TokenSource.chosen(environment, readFile: readFile)
            return GCSObjects(place, source, outside)
        }
    }

    /// What `/readyz` says while the bucket does not answer.
    static func degradation(of tier: TieredBlobs) -> @Sendable () -> String? {
        { tier.isBucketDown ? "the bucket does not answer" : nil }
    }
}

extension Observer {
    /// Shows the bucket's state in every scrape.
    func watch(_ tier: TieredBlobs) {
        let up = registry.gauges(.bucketUp).with()
        let bytes = registry.gauges(.tierBytes).with()
        let pending = registry.gauges(.pendingUploads).with()
        registry.measure {
            up.set(tier.isBucketDown ? 0 : 1)
            bytes.set(tier.localByteCount)
            pending.set(tier.pendingCount)
        }
    }

    func noteBucket(_ event: TierEvent) {
        switch event {
        case .bucketDown(let fault):
            warn(
                "bucket-down", ("error", fault.description),
                ("hint", "files of this machine are served; others come from their upstreams"))
        case .bucketUp: warn("bucket-up")
        case .promises(let promises): note("bucket", ("promises", promises.description))
        case .damagedObject: integrityFailed("", reason: "stored-object")
        case .damagedFile: integrityFailed("", reason: "stored-blob")
        case .sweptUploads(let count): note("uploads-removed", ("count", "\(count)"))
        case .failed(let error): storeFailed(error)
        }
    }
}
