internal import Digests
internal import Linux
import Synchronization

/// Blobs in memory files while the disk takes none: documents stay servable when it is full.
///
/// Bounded; the oldest go first. Nothing here survives the process, and nothing here is stored.
final class VolatileBlobs: Sendable {
    private struct State {
        var files: [BlobDigest: OpenFile] = [:]
        var order: [BlobDigest] = []
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

    /// Keeps bytes whose digest the caller computed; false when they are too many.
    func keep(_ bytes: [UInt8], as digest: BlobDigest) -> Bool {
        guard bytes.count <= byteLimit, let file = try? OpenFile.memory(bytes) else { return false }
        state.withLock { state in
            guard state.files[digest] == nil else { return }
            state.files[digest] = file
            state.order.append(digest)
            state.byteCount += file.byteCount
            while state.byteCount > byteLimit, let oldest = state.order.first {
                state.order.removeFirst()
                state.byteCount -= state.files.removeValue(forKey: oldest)?.byteCount ?? 0
            }
        }
        return true
    }
}
