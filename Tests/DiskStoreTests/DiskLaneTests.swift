import Backends
import Conformance
import Digests
import Foundation
import Linux
import Synchronization
import Support
import Testing

@testable import DiskStore

@Suite(.timeLimit(.minutes(5))) struct DiskLaneTests {
    struct LongWork: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (DiskBlobs, BlobDigest) async throws(StoreError) -> Void
    }

    static let longWork: [LongWork] = [
        LongWork(testDescription: "verify") { blobs, digest throws(StoreError) in
            _ = try await blobs.verify(digest)
        },
        LongWork(testDescription: "read") { blobs, digest throws(StoreError) in
            _ = try await blobs.read(digest, at: 0, count: 1)
        },
    ]

    @Test("staging goes on while blobs are hashed or read for long", arguments: longWork)
    func stagingGoesOn(_ row: LongWork) async throws {
        let folder = ScratchFolder()
        var settings = DiskBlobs.Settings()
        settings.laneCount = 1
        let blobs = try DiskBlobs(path: folder.path, settings: settings)
        let digest = BlobDigest.of([1])
        // Opening a pipe that nobody writes to blocks, as a slow disk would.
        let pipe = folder.blob(digest)
        try FileManager.default.createDirectory(
            atPath: (pipe as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try makePipe(pipe)
        // Immediate: it has its place on its lane before the staging below asks for one.
        let long = Task.immediate { try await row.run(blobs, digest) }
        let stored = Flag()
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await BlobStoreConformance.put([2], in: blobs)
                    stored.set()
                } catch {
                    Issue.record(error)
                }
            }
            let end = ContinuousClock.now + .seconds(45)
            while !stored.isSet, ContinuousClock.now < end {
                await Task.yield()
            }
            #expect(stored.isSet)
            // A writer ends the wait, however the test went.
            let writer = FileHandle(forUpdatingAtPath: pipe)
            #expect(writer != nil)
            await #expect(throws: StoreError.system(operation: .open, code: Errno.invalid.code)) {
                try await long.value
            }
            withExtendedLifetime(writer) {}
        }
    }

    private func makePipe(_ path: String) throws {
        try #require(try Program.run(["mkfifo", path]).status == 0)
    }

    @Test("a file that somebody makes shorter while it is hashed is set aside, not the end of us")
    func shorterWhileHashed() throws {
        let folder = ScratchFolder()
        let content = BlobStoreConformance.content(50_000)
        let digest = BlobDigest.of(content)
        try folder.write(content, to: folder.blob(digest))
        let blobs = try DiskBlobs(path: folder.path)
        let file = try #require(try blobs.open(digest))
        let other = try #require(FileHandle(forUpdatingAtPath: folder.blob(digest)))
        try other.truncate(atOffset: 0)
        #expect(try blobs.verified(file, as: digest) == nil)
        #expect(blobs.setAsideCount == 1)
    }
}

extension ScratchFolder {
    /// Where a store in this folder has a blob.
    fileprivate func blob(_ digest: BlobDigest) -> String {
        let hex = digest.hex
        return "\(path)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
