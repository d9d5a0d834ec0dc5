package import Digests

/// What is in the local tier, how large it is, and what of it was used longest ago.
///
/// A plain value; the tier keeps it behind a lock.
package struct TierLedger {
    fileprivate struct Entry {
        let byteCount: Int
        /// The number of its last use; 0 for what an earlier process used.
        var use: UInt64
    }

    /// A tier that is over its limit is brought down to this share of it, in percent.
    static let lowWaterPercent = 95

    private var entries: [BlobDigest: Entry] = [:]
    private var useCount: UInt64 = 0
    private var isTrimming = false
    package private(set) var byteCount = 0

    package init() {}

    package var blobCount: Int { entries.count }

    /// Notes that a blob is there and was used.
    package mutating func use(_ digest: BlobDigest, byteCount: Int) {
        useCount += 1
        note(digest, byteCount: byteCount, use: useCount)
    }

    /// Notes a blob that was found; nothing is known of its use.
    package mutating func find(_ digest: BlobDigest, byteCount: Int) {
        if entries[digest] == nil { note(digest, byteCount: byteCount, use: 0) }
    }

    package mutating func remove(_ digest: BlobDigest) {
        if let entry = entries.removeValue(forKey: digest) { byteCount -= entry.byteCount }
    }

    private mutating func note(_ digest: BlobDigest, byteCount: Int, use: UInt64) {
        remove(digest)
        entries[digest] = Entry(byteCount: byteCount, use: use)
        self.byteCount += byteCount
    }

    /// Begins to make room: down to the low-water mark of `limit`, and by `excess` bytes at least.
    ///
    /// - Returns: What has to go, or nil when nothing has or somebody is at it already. Sort it
    ///   with ``Trim/victims(keeping:)`` outside of the lock, and say ``endTrim()`` in the end.
    mutating func beginTrim(limit: Int, excess: Int = 0) -> Trim? {
        guard !isTrimming, byteCount > limit || excess > 0 else { return nil }
        isTrimming = true
        let over = byteCount > limit ? byteCount - limit / 100 * Self.lowWaterPercent : 0
        return Trim(entries: entries, excess: max(over, excess))
    }

    mutating func endTrim() { isTrimming = false }

    struct Trim {
        fileprivate let entries: [BlobDigest: Entry]
        fileprivate let excess: Int

        /// Blobs that make up the excess, used longest ago first, without those of `kept`.
        func victims(keeping kept: Set<BlobDigest>) -> [BlobDigest] {
            var excess = excess
            var victims: [BlobDigest] = []
            for (digest, entry) in entries.sorted(by: { $0.value.use < $1.value.use })
            where excess > 0 && !kept.contains(digest) {
                victims.append(digest)
                excess -= max(entry.byteCount, 1)
            }
            return victims
        }
    }
}
