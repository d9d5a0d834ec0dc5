internal import Digests
internal import Linux

/// What this process knows of the blobs on its disk: those that are open, and those whose bytes it
/// has hashed or written itself.
struct KnownBlobs {
    private static let verifiedLimit = 131_072

    private var open: DescriptorTable
    private var verified: Set<BlobDigest> = []

    init(openFileLimit: Int) {
        open = DescriptorTable(capacity: openFileLimit)
    }

    mutating func file(for digest: BlobDigest) -> OpenFile? {
        open.file(for: digest)
    }

    func isVerified(_ digest: BlobDigest) -> Bool {
        verified.contains(digest)
    }

    /// Remembers a blob whose bytes are right.
    ///
    /// - Returns: A file that had to go; close it outside of the lock.
    mutating func keep(_ file: OpenFile, for digest: BlobDigest) -> OpenFile? {
        // Forgetting costs another hash of some blobs, and bounds the memory to some megabytes.
        if verified.count >= Self.verifiedLimit { verified.removeAll(keepingCapacity: true) }
        verified.insert(digest)
        return open.keep(file, for: digest)
    }

    mutating func forget(_ digest: BlobDigest) -> OpenFile? {
        verified.remove(digest)
        return open.remove(digest)
    }

    /// Gives every kept file back, for when the process has no descriptor left.
    mutating func closeAll() -> [OpenFile] {
        open.removeAll()
    }
}
