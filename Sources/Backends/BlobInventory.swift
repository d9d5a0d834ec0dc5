package import Digests

/// All blobs of one place, for commands that run beside the servers which use it.
///
/// It takes no lock on the place. What it removes may be published again at that moment: each kind
/// of store has an agreement between those who publish and those who remove, by which either the
/// blob stays or whoever publishes it notices that it is gone.
package protocol BlobInventory: Sendable {
    /// A part of what is there, by the digests' order.
    func blobs(from mark: String?) async throws(StoreError) -> RowPage<StoredBlob, String>

    /// One blob; nil when there is none.
    func blob(_ digest: BlobDigest) async throws(StoreError) -> StoredBlob?

    /// The bytes of a blob, whatever they are; nil when there is none.
    func content(of digest: BlobDigest) async throws(StoreError) -> BlobContent?

    /// Takes a blob with wrong bytes out of the way.
    func setAside(_ digest: BlobDigest) async throws(StoreError)

    /// Removes those of `blobs` that nobody published since `moment`, in seconds since 1970, but
    /// none that `needed` names.
    ///
    /// - Parameters:
    ///   - blobs: A few hundred at most: `needed` is asked once, right before.
    ///   - moment: What was published later stays, since its row may be on its way.
    ///   - needed: Of the given digests, those that some row has.
    /// - Returns: Those that are gone.
    /// - Throws: What the store and `needed` do; when that fails, nothing is removed.
    func remove(
        _ blobs: [StoredBlob], untouchedSince moment: Int64,
        needed: @Sendable ([BlobDigest]) async throws(StoreError) -> Set<BlobDigest>
    ) async throws(StoreError) -> [StoredBlob]

    /// Removes what is no blob and nobody's any more: unfinished uploads and files, and blobs that
    /// were set aside, all from before `moment`; without `removes` it only counts them.
    func sweepLeftovers(
        untouchedSince moment: Int64, removes: Bool
    ) async throws(StoreError) -> LeftoverCount
}

/// A blob as a list shows it.
package struct StoredBlob: Sendable, Hashable {
    package let digest: BlobDigest
    package let byteCount: Int
    /// When it was published last, in seconds since 1970; nil where the store does not say.
    package let publishedAt: Int64?

    package init(digest: BlobDigest, byteCount: Int, publishedAt: Int64?) {
        self.digest = digest
        self.byteCount = byteCount
        self.publishedAt = publishedAt
    }
}

/// Bytes that can be read piece by piece, each perhaps more than once.
package struct BlobContent: Sendable {
    package let byteCount: Int
    /// Reads exactly `count` bytes from `offset`, or fails.
    package let read: @Sendable (_ offset: Int, _ count: Int) async throws(StoreError) -> [UInt8]

    package init(
        byteCount: Int,
        read: @escaping @Sendable (Int, Int) async throws(StoreError) -> [UInt8]
    ) {
        self.byteCount = byteCount
        self.read = read
    }
}

/// What was left and belongs to nobody.
package struct LeftoverCount: Sendable, Hashable {
    package var count = 0
    package var byteCount = 0

    package init(count: Int = 0, byteCount: Int = 0) {
        self.count = count
        self.byteCount = byteCount
    }

    package static func + (left: LeftoverCount, right: LeftoverCount) -> LeftoverCount {
        LeftoverCount(
            count: left.count + right.count, byteCount: left.byteCount + right.byteCount)
    }
}

/// Where blobs can be moved to.
package protocol BlobTarget: Sendable {
    /// Whether a blob of this digest and length is there.
    func holds(_ digest: BlobDigest, byteCount: Int) async throws(StoreError) -> Bool

    /// Stores a blob durably, after its bytes were seen to be those of the digest.
    ///
    /// - Throws: ``StoreError/mismatch`` when they are not; then nothing is stored.
    func put(_ digest: BlobDigest, _ content: BlobContent) async throws(StoreError)
}
