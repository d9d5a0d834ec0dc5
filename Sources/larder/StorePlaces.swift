import Backends
import BucketStore
import Configuration
import DiskStore
import FoundationEssentials
import Upkeep
import Upstream

/// The places where files are, opened beside the servers that use them.
enum StorePlaces {
    /// The store of the settings, and this machine's tier where there is one.
    static func all(
        _ settings: Settings, _ client: CurlClient
    ) throws(StartFailure) -> [BlobPlace] {
        switch settings.storage {
        case .directory(let path):
            return try folder(path).map { [BlobPlace(name: path, inventory: $0)] } ?? []
        case .bucket(let location):
            let bucket = try bucket(location, client)
            let tier = settings.folder + "/tier"
            let local = try folder(tier).map {
                BlobPlace(name: tier, inventory: $0, isTier: true)
            }
            return [BlobPlace(name: location.description, inventory: bucket, isBucket: true)]
                + (local.map { [$0] } ?? [])
        }
    }

    /// A folder with files; nil when there is none yet.
    static func folder(_ path: String) throws(StartFailure) -> FolderInventory? {
        do throws(StoreOpenError) {
            return try FolderInventory(path: path)
        } catch {
            throw StartFailure("the data folder \(path) cannot be used: \(error)")
        }
    }

    static func bucket(
        _ location: BucketLocation, _ client: CurlClient
    ) throws(StartFailure) -> BucketInventory {
        do throws(BucketProblem) {
            return BucketInventory(
                try BucketWiring.objects(location, client),
                scratch: FileManager.default.temporaryDirectory.path, time: SystemTime())
        } catch {
            throw StartFailure("\(location.description): \(error)")
        }
    }
}
