internal import Digests
internal import Policy
internal import Resources
internal import Synchronization

/// What is known of artifacts' releases, for the hit path: bounded, and made anew at any time.
final class ReleaseMemory: Sendable {
    private struct Entry {
        let release: KnownRelease
        /// The document by which it is known; another one may say something else.
        let document: BlobDigest?
    }

    private static let limit = 65_536
    private let entries = Mutex<[CacheKey: Entry]>([:])

    /// What is known by this version of the document.
    func find(_ artifact: CacheKey, by document: BlobDigest?) -> KnownRelease? {
        entries.withLock { entries in
            entries[artifact].flatMap { $0.document == document ? $0.release : nil }
        }
    }

    func put(_ release: KnownRelease, of artifact: CacheKey, by document: BlobDigest?) {
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll() }
            entries[artifact] = Entry(release: release, document: document)
        }
    }
}
