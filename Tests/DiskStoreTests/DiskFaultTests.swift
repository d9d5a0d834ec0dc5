import Backends
import Conformance
import Digests
import DiskStore
import Foundation
import Linux
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct DiskFaultTests {
    static let small = BlobStoreConformance.content(5000)
    static let large = BlobStoreConformance.content(OpenFile.largestShortByteCount + 1)

    @Test("after a restart, small blobs are hashed at once and large ones on request")
    func restart() async throws {
        let folder = ScratchFolder()
        do {
            let blobs = try DiskBlobs(path: folder.path)
            try await BlobStoreConformance.put(Self.small, in: blobs)
            try await BlobStoreConformance.put(Self.large, in: blobs)
        }
        let blobs = try DiskBlobs(path: folder.path)
        let large = BlobDigest.of(Self.large)
        #expect(try BlobStoreConformance.found(BlobDigest.of(Self.small), in: blobs) == Self.small)
        guard case .unverified = blobs.find(large) else {
            Issue.record("a large blob was trusted before it was hashed")
            return
        }
        #expect(try await blobs.verify(large))
        #expect(try BlobStoreConformance.found(large, in: blobs) == Self.large)
        #expect(blobs.setAsideCount == 0)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let content: [UInt8]
        let onDisk: [UInt8]
    }

    static let damages: [Damage] = [
        Damage(
            testDescription: "one bit of a small blob", content: small,
            onDisk: small.dropLast() + [small[4999] ^ 1]),
        Damage(
            testDescription: "one bit of a large blob", content: large,
            onDisk: [large[0] ^ 1] + large.dropFirst()),
        Damage(testDescription: "an empty file", content: small, onDisk: []),
        Damage(testDescription: "half a file", content: large, onDisk: Array(large.prefix(10_000))),
        Damage(testDescription: "a byte too many", content: small, onDisk: small + [0]),
    ]

    @Test("wrong bytes on the disk are never found, and set aside", arguments: damages)
    func wrongBytes(_ row: Damage) async throws {
        let folder = ScratchFolder()
        let digest = BlobDigest.of(row.content)
        try folder.write(row.onDisk, to: place(of: digest, in: folder))
        let blobs = try DiskBlobs(path: folder.path)
        switch blobs.find(digest) {
        case .ready, .failed: Issue.record("wrong bytes were found")
        case .unverified: #expect(try await blobs.verify(digest) == false)
        case .absent, .elsewhere: break
        }
        guard case .absent = blobs.find(digest) else {
            Issue.record("wrong bytes are still there")
            return
        }
        #expect(blobs.setAsideCount == 1)
        #expect(try folder.names(in: "quarantine") == [digest.hex])
        #expect(try await blobs.read(digest, at: 0, count: 1) == nil)

        try await BlobStoreConformance.put(row.content, in: blobs)
        #expect(try BlobStoreConformance.found(digest, in: blobs) == row.content)
    }

    @Test("each blob with wrong bytes is told of, and no more than 64 are kept")
    func manyWrong() throws {
        let folder = ScratchFolder()
        let count = Count()
        let digests = (0..<70).map { BlobDigest.of([UInt8($0)]) }
        for digest in digests { try folder.write([255], to: place(of: digest, in: folder)) }
        let blobs = try DiskBlobs(path: folder.path) { count.told() }
        for digest in digests {
            guard case .absent = blobs.find(digest) else {
                Issue.record("wrong bytes were found")
                return
            }
        }
        #expect(count.value == 70)
        #expect(try folder.names(in: "quarantine").count == 64)
    }

    @Test("a commit takes the place of wrong bytes under its name", arguments: damages)
    func commitOverWrongBytes(_ row: Damage) async throws {
        let folder = ScratchFolder()
        let digest = BlobDigest.of(row.content)
        let blobs = try DiskBlobs(path: folder.path)
        try folder.write(row.onDisk, to: place(of: digest, in: folder))
        try await BlobStoreConformance.put(row.content, in: blobs)
        #expect(try BlobStoreConformance.found(digest, in: blobs) == row.content)
        let file = try #require(FileManager.default.contents(atPath: place(of: digest, in: folder)))
        #expect(Array(file) == row.content)
        #expect(blobs.setAsideCount == 1)
    }

    @Test("bytes that rot after they were trusted are found by verify")
    func laterDamage() async throws {
        let folder = ScratchFolder()
        let blobs = try DiskBlobs(path: folder.path)
        let digest = try await BlobStoreConformance.put(Self.large, in: blobs)
        let file = try #require(FileHandle(forUpdatingAtPath: place(of: digest, in: folder)))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data([Self.large[100] ^ 0xFF]))
        try file.close()
        #expect(try await blobs.verify(digest) == false)
        guard case .absent = blobs.find(digest) else {
            Issue.record("a rotten blob was found")
            return
        }
    }

    @Test("a large blob stays trusted when its descriptor has to go")
    func trustOutlivesDescriptor() async throws {
        let folder = ScratchFolder()
        var settings = DiskBlobs.Settings()
        settings.openFileLimit = 1
        let blobs = try DiskBlobs(path: folder.path, settings: settings)
        let large = try await BlobStoreConformance.put(Self.large, in: blobs)
        try await BlobStoreConformance.put(Self.small, in: blobs)
        #expect(try BlobStoreConformance.found(large, in: blobs) == Self.large)
    }

    @Test("a blob is published in its shard and nowhere else")
    func layout() async throws {
        let folder = ScratchFolder()
        let blobs = try DiskBlobs(path: folder.path)
        let digest = try await BlobStoreConformance.put(Self.small, in: blobs)
        let file = try #require(
            FileManager.default.contents(atPath: place(of: digest, in: folder)))
        #expect(Array(file) == Self.small)
        #expect(try folder.names(in: "staging").isEmpty)
        #expect(try folder.names(in: "blobs") == [String(digest.hex.prefix(2))])
        #expect(Set(try folder.names(in: "")) == ["blobs", "staging", "quarantine", "lock"])
    }

    @Test("staging files of an earlier process are gone after the start")
    func leftovers() async throws {
        let folder = ScratchFolder()
        try folder.write([1, 2, 3], to: folder.path + "/staging/0123456789abcdef")
        let blobs = try DiskBlobs(path: folder.path)
        #expect(try folder.names(in: "staging").isEmpty)
        try await BlobStoreConformance.put(Self.small, in: blobs)
        let staged = try await blobs.stage(.durable)
        try await staged.append(Self.small)
        #expect(try folder.names(in: "staging").count == 1)
        await staged.abandon()
        #expect(try folder.names(in: "staging").isEmpty)
    }

    @Test("a staged blob that is dropped without a word leaves no file")
    func dropped() async throws {
        let folder = ScratchFolder()
        let blobs = try DiskBlobs(path: folder.path)
        do {
            let staged = try await blobs.stage(.durable)
            try await staged.append(Self.small)
        }
        #expect(try folder.names(in: "staging").isEmpty)
    }

    @Test("two servers cannot share a folder")
    func twoServers() throws {
        let folder = ScratchFolder()
        var first: DiskBlobs? = try DiskBlobs(path: folder.path)
        #expect(throws: StoreOpenError.locked) { try DiskBlobs(path: folder.path) }
        withExtendedLifetime(first) {}
        first = nil
        _ = try DiskBlobs(path: folder.path)
    }

    @Test("a folder that cannot be made or written is an error at the start")
    func unusableFolder() throws {
        let folder = ScratchFolder()
        try folder.write([1], to: folder.path + "/file")
        #expect(throws: StoreOpenError.system(.notDirectory)) {
            try DiskBlobs(path: folder.path + "/file")
        }
        // The kernel lets nobody make files there, root included.
        #expect(throws: StoreOpenError.self) { try DiskBlobs(path: "/proc/larder") }
    }

    @Test("only ENOENT is a miss: anything else at a blob's place is an error")
    func otherErrors() async throws {
        let folder = ScratchFolder()
        let digest = BlobDigest.of(Self.small)
        let blobs = try DiskBlobs(path: folder.path)
        try FileManager.default.createDirectory(
            atPath: place(of: digest, in: folder), withIntermediateDirectories: true)
        guard case .failed(.system(.open, let code)) = blobs.find(digest) else {
            Issue.record("a folder in place of a blob is not an error")
            return
        }
        #expect(code == Errno.invalid.code)
        await #expect(throws: StoreError.system(operation: .open, code: code)) {
            try await blobs.read(digest, at: 0, count: 1)
        }
    }

    @Test("no more descriptors stay open than allowed, and all blobs are found all the same")
    func descriptorLimit() async throws {
        let folder = ScratchFolder()
        var settings = DiskBlobs.Settings()
        settings.openFileLimit = 4
        let blobs = try DiskBlobs(path: folder.path, settings: settings)
        var digests: [BlobDigest] = []
        for index in 0..<40 {
            digests.append(try await BlobStoreConformance.put([UInt8(index)], in: blobs, .derived))
        }
        for _ in 0..<3 {
            for (index, digest) in digests.enumerated() {
                #expect(try BlobStoreConformance.found(digest, in: blobs) == [UInt8(index)])
            }
        }
        let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let open = links.filter { link in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/" + link)
            return target?.hasPrefix(folder.path + "/blobs/") ?? false
        }
        #expect(open.count <= 4)
        #expect(!open.isEmpty)
    }

    private func place(of digest: BlobDigest, in folder: ScratchFolder) -> String {
        let hex = digest.hex
        return "\(folder.path)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }
}

/// How often something was told.
private final class Count: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func told() { count.withLock { $0 += 1 } }
}
