package import Digests
internal import Linux
internal import Synchronization

/// Blobs in memory, for tests and for a server that keeps nothing.
package final class MemoryBlobs: BlobStore, LocalBlobs {
    private let blobs = Mutex<[BlobDigest: OpenFile]>([:])

    package init() {}

    package func find(_ digest: BlobDigest) -> LocalBlob {
        blobs.withLock { $0[digest] }.map(LocalBlob.ready) ?? .absent
    }

    package func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        do throws(Errno) {
            return Staged(file: try .memory(), blobs: self)
        } catch {
            throw StoreError(error, in: .create)
        }
    }

    package func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        guard let file = blobs.withLock({ $0[digest] }) else { return false }
        let bytes = try Self.bytes(of: file, at: 0, count: file.byteCount)
        guard BlobDigest.of(bytes) == digest else {
            blobs.withLock { $0[digest] = nil }
            return false
        }
        return true
    }

    package func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        guard let file = blobs.withLock({ $0[digest] }) else { return nil }
        return try Self.bytes(of: file, at: offset, count: count)
    }

    package func delete(_ digest: BlobDigest) async throws(StoreError) {
        blobs.withLock { $0[digest] = nil }
    }

    private func publish(_ file: GrowingFile, as digest: BlobDigest) throws(StoreError) -> OpenFile
    {
        do throws(Errno) {
            let blob = try file.snapshot()
            return blobs.withLock { blobs in
                if let older = blobs[digest] { return older }
                blobs[digest] = blob
                return blob
            }
        } catch {
            throw StoreError(error, in: .publish)
        }
    }

    private static func bytes(
        of file: OpenFile, at offset: Int, count: Int
    ) throws(StoreError) -> [UInt8] {
        do throws(Errno) {
            return try file.read(at: offset, count: count)
        } catch {
            throw StoreError(error, in: .read)
        }
    }

    private final class Staged: StagedBlob {
        private let file: GrowingFile
        private let blobs: MemoryBlobs

        init(file: GrowingFile, blobs: MemoryBlobs) {
            self.file = file
            self.blobs = blobs
        }

        var reader: OpenFile { file.reader }

        func append(_ bytes: [UInt8]) async throws(StoreError) {
            do throws(Errno) {
                try file.append(bytes)
            } catch {
                throw StoreError(error, in: .write)
            }
        }

        func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
            try MemoryBlobs.bytes(of: reader, at: offset, count: count)
        }

        func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
            try blobs.publish(file, as: digest)
        }

        func abandon() async {}
    }
}
