package import Digests
package import Linux

/// What a store may fail with.
///
/// Absence is no failure: it is nil.
package enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No room: ENOSPC, EDQUOT, or the database is full.
    case full
    /// The bytes are not the ones that were promised.
    case mismatch
    /// A system call failed.
    case system(operation: StaticOperation, code: Int32)
    /// The database failed, with its own code.
    case database(code: Int32)
    /// The database server refused, and how it calls that.
    case refused(SQLState)
    /// There is no connection to the database server.
    case unreachable
    /// A store on another machine said no with this status, or could not be asked (0).
    case remote(status: Int32)
    /// Too much is waiting already, or something took too long.
    case busy
    /// The store has been closed.
    case closed

    /// Whether it is a server elsewhere that failed or was late, and nothing of this machine.
    package var isOfAnotherMachine: Bool {
        switch self {
        case .refused, .unreachable, .remote: true
        case .full, .mismatch, .system, .database, .busy, .closed: false
        }
    }

    /// A fixed word for the operation that failed; never a path.
    package enum StaticOperation: String, Sendable, Hashable {
        case create, open, read, write, sync, publish, remove, list
    }

    package var description: String {
        switch self {
        case .full: "the store is full"
        case .mismatch: "the bytes differ from their digest"
        case .system(let operation, let code): "\(operation.rawValue) failed with errno \(code)"
        case .database(let code): "the database failed with code \(code)"
        case .refused(let state): "the database refused with SQLSTATE \(state)"
        case .unreachable: "the database cannot be reached"
        case .remote(0): "the object store could not be asked"
        case .remote(let status): "the object store answered \(status)"
        case .busy: "the store is busy"
        case .closed: "the store is closed"
        }
    }
}

/// The blobs on this machine: the only store that a hit sees.
package protocol LocalBlobs: Sendable {
    /// The blob's kept descriptor and mapping, from memory or opened now.
    ///
    /// Synchronous and called on a server thread: it takes one lock, and at most one `open` and the
    /// hashing of a small file. A large blob that this process has not verified yet is
    /// `.unverified`; the caller arranges `BlobStore.verify` away from the server threads.
    func find(_ digest: BlobDigest) -> LocalBlob
}

/// What is on this machine of a blob.
package enum LocalBlob: Sendable {
    case ready(OpenFile)
    /// There, but its bytes have not been hashed by this process yet.
    case unverified
    /// Not there, but perhaps in the store behind: `BlobStore.verify` brings it here if it is.
    case elsewhere
    case absent
    /// It could not be told, and why; not a miss.
    case failed(StoreError)
}

/// Bytes by their SHA-256.
///
/// Nothing is visible under its digest before it was verified, synced and published (rule I1 of
/// the reliability study). Storing one digest twice is harmless.
package protocol BlobStore: Sendable {
    /// Begins a blob of yet unknown digest.
    ///
    /// - Throws: ``StoreError/full`` when not even an empty file can be made.
    func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob

    /// Hashes a stored blob; one with other bytes than its name is set aside and is then absent.
    ///
    /// One that only a store behind this machine has is brought here first.
    ///
    /// - Returns: Whether it is there and right. Costs a read of the whole blob.
    func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool

    /// Reads up to `count` bytes of a blob from `offset`, fewer only where it ends.
    ///
    /// - Returns: nil when the blob is absent or has wrong bytes.
    func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]?

    /// Removes a blob; removing an absent one is harmless.
    func delete(_ digest: BlobDigest) async throws(StoreError)
}

/// What must survive a crash.
package enum Durability: Sendable, Hashable {
    /// Synced before it is published: what came from an upstream.
    case durable
    /// May be lost in a crash, since it can be made again: a rendering.
    case derived
}

/// A blob that is being written; readable by followers, not visible under any digest.
///
/// One task appends; any thread may read. Dropped without `commit`, it is abandoned.
package protocol StagedBlob: AnyObject, Sendable {
    /// The growing file, for followers; bytes up to the last finished `append` may be read.
    var reader: OpenFile { get }

    /// Adds bytes at the end; returns when they can be read through `reader`.
    ///
    /// - Throws: ``StoreError/full`` when there is no room; what was written before stays readable.
    func append(_ bytes: [UInt8]) async throws(StoreError)

    /// Reads what was appended, up to `count` bytes from `offset`; also after a failed `append` or
    /// `commit`, and until `abandon`.
    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8]

    /// Publishes the bytes under `digest`, which the caller computed over exactly what it appended.
    ///
    /// Syncs file and directory first when durable. A failed sync is final: the blob is discarded.
    /// - Returns: The published blob, opened and known to be right.
    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile

    /// Throws the bytes away; `reader` stays readable for those who hold it.
    func abandon() async
}
