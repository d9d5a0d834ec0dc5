package import Backends
package import Digests
internal import Linux
internal import Synchronization

/// Blobs in a folder of this machine, by their SHA-256.
///
/// Publishing follows reliability rule I1: staged, synced, published under a name that was free,
/// folder synced. A blob that this process wrote or hashed once is trusted from then on; any other
/// is hashed before its first use, and set aside when its bytes are wrong.
package final class DiskBlobs: BlobStore, LocalBlobs {
    let folder: BlobFolder
    let known: Mutex<KnownBlobs>
    let setAsides = Atomic<Int>(0)
    /// Told of each blob with wrong bytes; on any thread, and must not block.
    let onSetAside: @Sendable () -> Void
    private let lanes: LaneGroup
    // Apart from the lanes above, to which staged files are bound: hashing a blob of many gigabytes
    // takes minutes, and no fill must wait for it, nor for the reading of a large document.
    private let verifying: LaneGroup
    private let reading: LaneGroup
    let inventoryLane = BlockingLane(label: "larder.blobs.inventory")

    package struct Settings: Sendable, Hashable {
        /// How many descriptors are kept; at most half of what the process may open.
        ///
        /// Each costs some 300 bytes here and a kilobyte in the kernel, where a process has at most 65,530
        /// mappings (vm.max_map_count).
        package var openFileLimit = 16_384
        /// How many threads block on the disk for what is being stored.
        package var laneCount = 4
        /// How many threads hash what an earlier process stored.
        package var verifyingLaneCount = 2
        /// How many threads read blobs that are rendered.
        package var readingLaneCount = 2

        package init() {}
    }

    /// Opens or makes the store in the folder `path`, and removes unfinished files in it.
    ///
    /// Raise the limit on open files first. Blocks; its cost does not grow with what is stored.
    package init(
        path: String, settings: Settings = Settings(),
        onSetAside: @escaping @Sendable () -> Void = {}
    ) throws(StoreOpenError) {
        self.onSetAside = onSetAside
        folder = try BlobFolder(path: path)
        let allowed: Int
        do throws(Errno) {
            allowed = try ProcessLimits.openFileLimit()
        } catch {
            throw .system(error)
        }
        let openFileLimit = max(1, min(settings.openFileLimit, allowed / 2))
        known = Mutex(KnownBlobs(openFileLimit: openFileLimit))
        lanes = LaneGroup("larder.blobs", count: settings.laneCount)
        verifying = LaneGroup("larder.blobs.verifying", count: settings.verifyingLaneCount)
        reading = LaneGroup("larder.blobs.reading", count: settings.readingLaneCount)
    }

    /// How many blobs with wrong bytes this process has found and set aside.
    package var setAsideCount: Int { setAsides.load(ordering: .relaxed) }

    package func find(_ digest: BlobDigest) -> LocalBlob {
        if let file = known.withLock({ $0.file(for: digest) }) { return .ready(file) }
        do throws(StoreError) {
            guard let file = try open(digest) else { return .absent }
            if known.withLock({ $0.isVerified(digest) }) {
                return .ready(keep(file, for: digest))
            }
            guard file.byteCount <= OpenFile.largestShortByteCount else { return .unverified }
            return try verified(file, as: digest).map(LocalBlob.ready) ?? .absent
        } catch {
            return .failed(error)
        }
    }

    package func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        let lane = lanes.next()
        let staged = try await lane.run { [self] () throws(StoreError) in
            try attempt(.create) { () throws(Errno) in
                try withDescriptors { () throws(Errno) in try folder.stage() }
            }
        }
        return DiskStagedBlob(staged, durability, lane: lane, store: self)
    }

    package func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await verifying.next().run { [self] () throws(StoreError) in
            guard let file = try open(digest) else { return false }
            return try verified(file, as: digest) != nil
        }
    }

    package func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        try await reading.next().run { [self] () throws(StoreError) in
            guard let file = try trusted(digest) else { return nil }
            return try attempt(.read) { () throws(Errno) in
                try file.read(at: offset, count: count)
            }
        }
    }

    package func delete(_ digest: BlobDigest) async throws(StoreError) {
        try await lanes.next().run { [self] () throws(StoreError) in
            do throws(Errno) {
                try folder.remove(digest)
            } catch {
                if error != .noEntry { throw StoreError(error, in: .remove) }
            }
            forget(digest)
        }
    }
}

/// Runs system calls, and says in which operation of a store they failed.
func attempt<Success>(
    _ operation: StoreError.StaticOperation, _ calls: () throws(Errno) -> Success
) throws(StoreError) -> Success {
    do throws(Errno) {
        return try calls()
    } catch {
        throw StoreError(error, in: operation)
    }
}
