internal import Backends
internal import Digests
internal import Linux
internal import Synchronization

extension DiskBlobs {
    /// The blob with its bytes known to be right, hashed now if need be; nil when there is none.
    func trusted(_ digest: BlobDigest) throws(StoreError) -> OpenFile? {
        if let file = known.withLock({ $0.file(for: digest) }) { return file }
        guard let file = try open(digest) else { return nil }
        if known.withLock({ $0.isVerified(digest) }) { return keep(file, for: digest) }
        return try verified(file, as: digest)
    }

    /// Hashes a file and keeps it, or sets it aside.
    func verified(_ file: OpenFile, as digest: BlobDigest) throws(StoreError) -> OpenFile? {
        if try self.digest(of: file) == digest { return keep(file, for: digest) }
        forget(digest)
        setAsides.wrappingAdd(1, ordering: .relaxed)
        onSetAside()
        do throws(Errno) {
            try folder.setAside(digest)
        } catch {
            // Somebody else may have set it aside or removed it meanwhile.
            if error != .noEntry { throw StoreError(error, in: .remove) }
        }
        return nil
    }

    /// Opens a blob, whatever its bytes are; nil when there is none.
    func open(_ digest: BlobDigest) throws(StoreError) -> OpenFile? {
        do throws(Errno) {
            return try withDescriptors { () throws(Errno) in try folder.open(digest) }
        } catch .noEntry {
            return nil
        } catch {
            throw StoreError(error, in: .open)
        }
    }

    /// Runs `calls`, and once more after giving up the kept files when no descriptor was left.
    func withDescriptors<Success>(
        _ calls: () throws(Errno) -> Success
    ) throws(Errno) -> Success {
        do throws(Errno) {
            return try calls()
        } catch .tooManyFiles {
            _ = known.withLock { $0.closeAll() }
            return try calls()
        }
    }

    func keep(_ file: OpenFile, for digest: BlobDigest) -> OpenFile {
        // What had to go is closed here, outside of the lock.
        _ = known.withLock { $0.keep(file, for: digest) }
        return file
    }

    func forget(_ digest: BlobDigest) {
        _ = known.withLock { $0.forget(digest) }
    }

    /// Reads every byte with a call that can fail: through the mapping, a bad sector or a file that
    /// somebody else made shorter would be SIGBUS, the end of the process.
    private func digest(of file: OpenFile) throws(StoreError) -> BlobDigest {
        var hasher = try freshHasher()
        var offset = 0
        while true {
            let start = offset
            let piece = try attempt(.read) { () throws(Errno) in
                try file.read(at: start, count: 262_144)
            }
            if piece.isEmpty { return hasher.finish().blob }
            hasher.update(piece)
            offset += piece.count
        }
    }

    private func freshHasher() throws(StoreError) -> MultiHasher {
        do throws(DigestError) {
            return try MultiHasher()
        } catch {
            throw .system(operation: .read, code: Errno.outOfMemory.code)
        }
    }
}
