internal import Backends
internal import Digests
internal import Linux
internal import Synchronization

/// Blobs that are in the tier and not in the bucket yet: an empty file for each, so that a restart
/// forgets none.
final class PendingUploads: Sendable {
    private let folder: Directory
    private let digests: Mutex<Set<BlobDigest>>
    private let lane = BlockingLane(label: "larder.tier.pending")

    /// Opens or makes `pending` in the folder `path`, and reads what an earlier process left.
    init(path: String) throws(StoreOpenError) {
        do throws(Errno) {
            folder = try Directory.openOrMake("\(path)/pending")
            var found: Set<BlobDigest> = []
            for name in try folder.names() {
                if let digest = BlobDigest(hex: name) {
                    found.insert(digest)
                } else {
                    // A staged name of a process that ended in between.
                    try folder.remove(name)
                }
            }
            digests = Mutex(found)
        } catch {
            throw .system(error)
        }
    }

    var all: Set<BlobDigest> { digests.withLock { $0 } }

    /// Notes a blob, durably.
    func add(_ digest: BlobDigest) async throws(StoreError) {
        guard digests.withLock({ $0.insert(digest).inserted }) else { return }
        do throws(StoreError) {
            try await lane.run { [folder] () throws(StoreError) in
                do throws(Errno) {
                    let staged = try StagedFile(in: folder)
                    // Somebody else's name for the same blob says the same.
                    _ = try staged.publish(into: folder, as: digest.hex)
                    try folder.sync()
                } catch {
                    throw StoreError(error, in: .create)
                }
            }
        } catch {
            digests.withLock { _ = $0.remove(digest) }
            throw error
        }
    }

    /// Forgets a blob that is in the bucket now, or nowhere.
    func remove(_ digest: BlobDigest) async {
        digests.withLock { _ = $0.remove(digest) }
        lane.start { [folder] in try? folder.remove(digest.hex) }
    }
}
