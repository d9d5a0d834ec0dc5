internal import Backends
internal import Digests
internal import Linux
internal import Synchronization

/// The folders of the store: `blobs/ab/cd/<sha256>`, `staging`, `quarantine`, and the lock.
///
/// No name in them comes from a client or an upstream (rule P3).
final class BlobFolder: Sendable {
    private let blobs: Directory
    private let staging: Directory
    private let quarantine: Directory
    private let lock: LockFile
    // Those whose own names are known to be durable, as the first two bytes of the digests.
    private let durableShards = Mutex<Set<UInt16>>([])

    /// Opens the folders, makes the missing ones, and removes what an earlier process left.
    init(path: String) throws(StoreOpenError) {
        do throws(Errno) {
            let root = try Directory.openOrMake(path)
            lock = try LockFile(in: root, named: "lock")
            blobs = try Self.folder("blobs", in: root)
            staging = try Self.folder("staging", in: root)
            quarantine = try Self.folder("quarantine", in: root)
            try root.sync()
            // Nobody else writes here, because the lock is ours.
            for name in try staging.names() { try staging.remove(name) }
        } catch {
            throw error == .wouldBlock ? .locked : .system(error)
        }
    }

    func stage() throws(Errno) -> StagedFile {
        try StagedFile(in: staging)
    }

    /// Opens a blob, whatever its bytes are.
    func open(_ digest: BlobDigest) throws(Errno) -> OpenFile {
        try OpenFile(in: blobs, named: Self.path(of: digest))
    }

    func remove(_ digest: BlobDigest) throws(Errno) {
        try blobs.remove(Self.path(of: digest))
    }

    /// How many blobs with wrong bytes are kept; further ones are removed.
    static let setAsideLimit = 64

    /// Takes a blob with wrong bytes out of the way, and keeps it for the operator to look at.
    func setAside(_ digest: BlobDigest) throws(Errno) {
        try Self.setAside(digest, from: blobs, to: quarantine)
    }

    /// The folder in which a blob is published, made when it is missing.
    func shard(for digest: BlobDigest, _ durability: Durability) throws(Errno) -> Directory {
        let hex = digest.hex
        let outer = String(hex.prefix(2))
        let inner = outer + "/" + hex.dropFirst(2).prefix(2)
        let bytes = digest.bytes
        let number = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        if durableShards.withLock({ $0.contains(number) }) {
            return try blobs.subdirectory(inner)
        }
        try blobs.makeSubdirectory(outer)
        try blobs.makeSubdirectory(inner)
        if durability == .durable {
            // Also when they were there: whoever made them may have crashed before its fsync, or
            // may be another lane that has not come to it yet.
            try blobs.sync()
            try blobs.subdirectory(outer).sync()
            durableShards.withLock { _ = $0.insert(number) }
        }
        return try blobs.subdirectory(inner)
    }

    /// The blobs whose digests begin with the byte `first`, in no order and whatever their bytes
    /// are.
    func inventory(of first: UInt8) throws(Errno) -> [StoredBlob] {
        try Self.inventory(of: first, in: blobs)
    }

    static func inventory(of first: UInt8, in blobs: Directory) throws(Errno) -> [StoredBlob] {
        var found: [StoredBlob] = []
        let outer: Directory
        do throws(Errno) {
            outer = try blobs.subdirectory((first < 16 ? "0" : "") + String(first, radix: 16))
        } catch .noEntry {
            return []
        }
        for inner in try outer.names() {
            let shard = try outer.subdirectory(inner)
            for name in try shard.names() {
                // What goes in between is not there any more.
                guard let digest = BlobDigest(hex: name), let state = try? shard.state(of: name)
                else { continue }
                found.append(
                    StoredBlob(
                        digest: digest, byteCount: state.byteCount, publishedAt: state.changedAt))
            }
        }
        return found
    }

    /// Moves a blob with wrong bytes to the folder for such blobs, or removes it when that is full.
    static func setAside(
        _ digest: BlobDigest, from blobs: Directory, to quarantine: Directory
    ) throws(Errno) {
        guard try quarantine.names().count < setAsideLimit else {
            return try blobs.remove(path(of: digest))
        }
        try blobs.move(path(of: digest), into: quarantine, as: digest.hex)
        // For how long it has been there decides when it goes.
        _ = try OpenFile(in: quarantine, named: digest.hex)
            .touch(asNamed: digest.hex, in: quarantine)
    }

    static func path(of digest: BlobDigest) -> String {
        let hex = digest.hex
        return "\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }

    private static func folder(_ name: String, in root: Directory) throws(Errno) -> Directory {
        try root.makeSubdirectory(name)
        return try root.subdirectory(name)
    }
}
