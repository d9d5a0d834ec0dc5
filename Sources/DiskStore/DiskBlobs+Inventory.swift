package import Backends
internal import Linux

extension DiskBlobs {
    /// One 256th of what is stored: the blobs whose digests begin with the byte `first`, with their
    /// sizes in bytes.
    ///
    /// Reads folders and no blob, so that nothing is known of their bytes.
    package func inventory(
        of first: UInt8
    ) async throws(StoreError) -> [StoredBlob] {
        try await inventoryLane.run { [folder] () throws(StoreError) in
            try attempt(.list) { () throws(Errno) in try folder.inventory(of: first) }
        }
    }
}

extension DiskBlobs {
    /// Whether the folder `path` holds any blob, or cannot be looked at.
    ///
    /// Blocks, for as long as it takes to find the first one.
    package static func holdsAny(path: String) -> Bool {
        do throws(Errno) {
            return try BlobFolder.holdsAny(path)
        } catch {
            return error != .noEntry
        }
    }
}
