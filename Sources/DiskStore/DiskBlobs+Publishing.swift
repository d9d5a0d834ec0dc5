internal import Backends
internal import Digests
internal import Linux

extension DiskBlobs {
    /// Publishes a finished file; its staging name is gone afterwards, whatever happens.
    ///
    /// Blocks for as long as the disk takes to sync.
    func publish(
        _ staged: StagedFile, as digest: BlobDigest, _ durability: Durability
    ) throws(StoreError) -> OpenFile {
        defer { staged.discard() }
        if durability == .durable {
            // Rule I7: never tried again, since the kernel may have dropped the bytes.
            try attempt(.sync) { () throws(Errno) in try staged.file.sync() }
        }
        let file = try attempt(.open) { () throws(Errno) in try staged.reopened() }
        let shard = try attempt(.publish) { () throws(Errno) in
            try folder.shard(for: digest, durability)
        }
        // A second round only when what was there had wrong bytes and was set aside, or was an
        // orphan that is being removed.
        for _ in 0..<4 {
            let creation = try attempt(.publish) { () throws(Errno) in
                try staged.publish(into: shard, as: digest.hex)
            }
            switch creation {
            case .made:
                if durability == .durable { try sync(digest, in: shard) }
                return keep(file, for: digest)
            case .alreadyThere:
                guard let older = try trusted(digest), try touch(older, digest, in: shard) else {
                    continue
                }
                if durability == .durable { try sync(older, in: shard) }
                return older
            }
        }
        throw .system(operation: .publish, code: Errno.exists.code)
    }

    /// Makes a blob young that somebody else published, so that it does not count as an orphan
    /// before its row is there; false when it is not the published one any more.
    private func touch(
        _ older: OpenFile, _ digest: BlobDigest, in shard: Directory
    ) throws(StoreError) -> Bool {
        let isThere = try attempt(.publish) { () throws(Errno) in
            try older.touch(asNamed: digest.hex, in: shard)
        }
        if !isThere { forget(digest) }
        return isThere
    }

    /// Makes a name durable that was just given.
    private func sync(_ digest: BlobDigest, in shard: Directory) throws(StoreError) {
        do throws(Errno) {
            try shard.sync()
        } catch {
            // Whether the name survives a crash is unknown, so it must not be relied on.
            try? shard.remove(digest.hex)
            throw StoreError(error, in: .sync)
        }
    }

    /// Makes a blob durable that somebody else published, perhaps without a sync, or not synced yet.
    private func sync(_ older: OpenFile, in shard: Directory) throws(StoreError) {
        try attempt(.sync) { () throws(Errno) in
            try older.sync()
            try shard.sync()
        }
    }
}
