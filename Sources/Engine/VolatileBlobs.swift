internal import Digests
internal import Linux
import Synchronization

/// Blobs in memory files while the disk takes none: documents stay servable when it is full.
///
/// Bounded, what is still being written included; the oldest go first. Nothing here survives the
/// process, and nothing here is stored.
final class VolatileBlobs: Sendable {
    private struct State {
        var files: [BlobDigest: OpenFile] = [:]
        var order: [BlobDigest] = []
        /// Of `files` and of what is being written.
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let byteLimit: Int

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    func find(_ digest: BlobDigest) -> OpenFile? {
        state.withLock { $0.files[digest] }
    }

    /// Takes room for bytes that are about to be written; false when there is none.
    func reserve(_ byteCount: Int) -> Bool {
        // What had to go is closed outside of the lock.
        let (hasRoom, _) = state.withLock { state -> (Bool, [OpenFile]) in
            var gone: [OpenFile] = []
            while state.byteCount + byteCount > byteLimit, let oldest = state.order.first {
                state.order.removeFirst()
                guard let file = state.files.removeValue(forKey: oldest) else { continue }
                state.byteCount -= file.byteCount
                gone.append(file)
            }
            guard state.byteCount + byteCount <= byteLimit else { return (false, gone) }
            state.byteCount += byteCount
            return (true, gone)
        }
        return hasRoom
    }

    /// Gives room back for which nothing is kept.
    func giveBack(_ byteCount: Int) {
        state.withLock { $0.byteCount -= byteCount }
    }

    /// Keeps a file whose digest the caller computed, and for whose bytes it has taken room.
    func keep(_ file: OpenFile, as digest: BlobDigest) {
        state.withLock { state in
            if state.files[digest] == nil {
                state.files[digest] = file
            } else {
                state.byteCount -= file.byteCount
                state.order.removeAll { $0 == digest }
            }
            state.order.append(digest)
        }
    }
}
