internal import Backends
internal import Digests
internal import Linux

/// A blob on its way to the disk; all its calls go through one lane, so they keep their order.
final class DiskStagedBlob: StagedBlob {
    private let staged: StagedFile
    private let durability: Durability
    private let lane: BlockingLane
    private let store: DiskBlobs

    init(_ staged: StagedFile, _ durability: Durability, lane: BlockingLane, store: DiskBlobs) {
        self.staged = staged
        self.durability = durability
        self.lane = lane
        self.store = store
    }

    var reader: OpenFile { staged.file.reader }

    func append(_ bytes: [UInt8]) async throws(StoreError) {
        let file = staged.file
        try await lane.run { () throws(StoreError) in
            try attempt(.write) { () throws(Errno) in try file.append(bytes) }
        }
    }

    func read(at offset: Int, count: Int) async throws(StoreError) -> [UInt8] {
        let file = staged.file
        return try await lane.run { () throws(StoreError) in
            try attempt(.read) { () throws(Errno) in
                try file.reader.read(at: offset, count: count)
            }
        }
    }

    func commit(as digest: BlobDigest) async throws(StoreError) -> OpenFile {
        try await lane.run { [staged, durability, store] () throws(StoreError) in
            try store.publish(staged, as: digest, durability)
        }
    }

    func abandon() async {
        let staged = staged
        do throws(StoreError) {
            try await lane.run { () throws(StoreError) in staged.discard() }
        } catch {
            // The lane is full; unlinking can wait its turn, unwatched.
            lane.start { staged.discard() }
        }
    }
}
