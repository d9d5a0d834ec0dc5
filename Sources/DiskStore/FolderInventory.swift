package import Backends
package import Digests
internal import Linux

/// All blobs of a folder, for commands beside the server that has its lock.
///
/// A publisher of bytes that are there already touches the file, under a shared lock of it, and
/// sees whether it still has its name; whoever removes an orphan looks at its age under an
/// exclusive one. So a file goes only when nobody has published it since.
package struct FolderInventory: BlobInventory {
    private let blobs: Directory
    private let staging: Directory
    private let quarantine: Directory
    private let lane = BlockingLane(label: "larder.inventory")

    /// Opens an existing store; nil when there is none in the folder.
    package init?(path: String) throws(StoreOpenError) {
        do throws(Errno) {
            let root = try Directory.open(path)
            blobs = try root.subdirectory("blobs")
            staging = try root.subdirectory("staging")
            quarantine = try root.subdirectory("quarantine")
        } catch .noEntry {
            return nil
        } catch {
            throw .system(error)
        }
    }

    package func blobs(
        from mark: String?
    ) async throws(StoreError) -> RowPage<StoredBlob, String> {
        let first = mark.flatMap { UInt8($0) } ?? 0
        let found = try await lane.run { [blobs] () throws(StoreError) in
            try attempt(.list) { () throws(Errno) in
                try BlobFolder.inventory(of: first, in: blobs)
            }
        }
        let next = first == .max ? nil : "\(first + 1)"
        return RowPage(rows: found.sorted { $0.digest < $1.digest }, next: next)
    }

    package func blob(_ digest: BlobDigest) async throws(StoreError) -> StoredBlob? {
        try await lane.run { [blobs] () throws(StoreError) in
            do throws(Errno) {
                let state = try blobs.state(of: BlobFolder.path(of: digest))
                return StoredBlob(
                    digest: digest, byteCount: state.byteCount, publishedAt: state.changedAt)
            } catch .noEntry {
                return nil
            } catch {
                throw StoreError(error, in: .list)
            }
        }
    }

    package func content(of digest: BlobDigest) async throws(StoreError) -> BlobContent? {
        let file: OpenFile? = try await lane.run { [blobs] () throws(StoreError) in
            do throws(Errno) {
                return try OpenFile(in: blobs, named: BlobFolder.path(of: digest))
            } catch .noEntry {
                return nil
            } catch {
                throw StoreError(error, in: .open)
            }
        }
        guard let file else { return nil }
        return BlobContent(byteCount: file.byteCount) {
            [lane] (offset, count) async throws(StoreError) in
            try await lane.run { () throws(StoreError) in
                let bytes = try attempt(.read) { () throws(Errno) in
                    try file.read(at: offset, count: count)
                }
                guard bytes.count == count else { throw .mismatch }
                return bytes
            }
        }
    }

    package func setAside(_ digest: BlobDigest) async throws(StoreError) {
        try await lane.run { [blobs, quarantine] () throws(StoreError) in
            do throws(Errno) {
                try BlobFolder.setAside(digest, from: blobs, to: quarantine)
            } catch {
                // Somebody else may have set it aside or removed it meanwhile.
                if error != .noEntry { throw StoreError(error, in: .remove) }
            }
        }
    }

    package func remove(
        _ blobs: [StoredBlob], untouchedSince moment: Int64,
        needed: @Sendable ([BlobDigest]) async throws(StoreError) -> Set<BlobDigest>
    ) async throws(StoreError) -> [StoredBlob] {
        let kept = try await needed(blobs.map(\.digest))
        let folder = self.blobs
        return try await lane.run { () throws(StoreError) in
            var gone: [StoredBlob] = []
            for blob in blobs where !kept.contains(blob.digest) {
                let isGone = try attempt(.remove) { () throws(Errno) in
                    try folder.remove(
                        BlobFolder.path(of: blob.digest), untouchedSince: moment)
                }
                if isGone { gone.append(blob) }
            }
            return gone
        }
    }

    package func sweepLeftovers(
        untouchedSince moment: Int64, removes: Bool
    ) async throws(StoreError) -> LeftoverCount {
        try await lane.run { [staging, quarantine] () throws(StoreError) in
            var count = LeftoverCount()
            for folder in [staging, quarantine] {
                let names = try attempt(.list) { () throws(Errno) in try folder.names() }
                for name in names {
                    // What goes in between is not there any more.
                    guard let state = try? folder.state(of: name), state.changedAt < moment
                    else { continue }
                    let isGone = try attempt(.remove) { () throws(Errno) in
                        removes ? try folder.remove(name, untouchedSince: moment) : true
                    }
                    guard isGone else { continue }
                    count = count + LeftoverCount(count: 1, byteCount: state.byteCount)
                }
            }
            return count
        }
    }
}

extension DiskBlobs: BlobTarget {
    package func holds(
        _ digest: BlobDigest, byteCount: Int
    ) async throws(StoreError) -> Bool {
        try await inventoryLane.run { [self] () throws(StoreError) in
            try open(digest)?.byteCount == byteCount
        }
    }

    package func put(_ digest: BlobDigest, _ content: BlobContent) async throws(StoreError) {
        guard var hasher = try? MultiHasher() else { throw .busy }
        let staged = try await stage(.durable)
        do throws(StoreError) {
            for start in stride(from: 0, to: content.byteCount, by: 1 << 20) {
                let bytes = try await content.read(start, min(1 << 20, content.byteCount - start))
                hasher.update(bytes)
                try await staged.append(bytes)
            }
            guard hasher.finish().blob == digest else { throw .mismatch }
            _ = try await staged.commit(as: digest)
        } catch {
            await staged.abandon()
            throw error
        }
    }
}
