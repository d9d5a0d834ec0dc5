import Backends
import Digests
import DiskStore
import Foundation
import Linux

/// A data folder of its own for one test, removed at the end.
final class ScratchFolder: Sendable {
    let path = NSTemporaryDirectory() + "larder-" + SystemRandom.hexadecimal(byteCount: 8)

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A store that goes together with its folder.
    static func blobs() throws -> any BlobStore & LocalBlobs {
        let folder = ScratchFolder()
        return FolderedBlobs(folder: folder, blobs: try DiskBlobs(path: folder.path))
    }

    func path(of digest: BlobDigest) -> String {
        let hex = digest.hex
        return "\(path)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }

    func write(_ bytes: [UInt8], to file: String) throws {
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
    }
}

private final class FolderedBlobs: BlobStore, LocalBlobs {
    private let folder: ScratchFolder
    private let blobs: DiskBlobs

    init(folder: ScratchFolder, blobs: DiskBlobs) {
        self.folder = folder
        self.blobs = blobs
    }

    func find(_ digest: BlobDigest) -> LocalBlob { blobs.find(digest) }

    func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        try await blobs.stage(durability)
    }

    func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await blobs.verify(digest)
    }

    func read(_ digest: BlobDigest, limit: Int) async throws(StoreError) -> [UInt8]? {
        try await blobs.read(digest, limit: limit)
    }

    func delete(_ digest: BlobDigest) async throws(StoreError) { try await blobs.delete(digest) }
}
