package import Backends
package import Digests
import Linux
import Testing

/// What every blob store promises; each of them runs these with a fresh, empty store.
package struct BlobStoreConformance: Sendable {
    /// Makes a fresh, empty store.
    package let store: @Sendable () throws -> any BlobStore & LocalBlobs

    package init(store: @escaping @Sendable () throws -> any BlobStore & LocalBlobs) {
        self.store = store
    }

    /// Lengths around every border: empty, mapped or not, several pieces.
    package static let lengths = [0, 1, 65_536, 262_144, 262_145, 1_000_003]

    /// Content of a length, the same in every run.
    package static func content(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    /// Stores `content` in pieces and returns what it was published as.
    @discardableResult
    package static func put(
        _ content: [UInt8], in store: any BlobStore, _ durability: Durability = .durable
    ) async throws -> BlobDigest {
        let staged = try await store.stage(durability)
        for start in stride(from: 0, to: content.count, by: 262_144) {
            try await staged.append(Array(content[start..<min(start + 262_144, content.count)]))
        }
        let digest = BlobDigest.of(content)
        let file = try await staged.commit(as: digest)
        #expect(try file.read(at: 0, count: content.count + 1) == content)
        #expect(file.byteCount == content.count)
        return digest
    }

    /// The bytes that a hit would send, or nil unless the blob is ready.
    package static func found(_ digest: BlobDigest, in blobs: any LocalBlobs) throws -> [UInt8]? {
        guard case .ready(let file) = blobs.find(digest) else { return nil }
        return try file.read(at: 0, count: file.byteCount)
    }

    /// Whether a blob is not on this machine, as far as a hit can see.
    package static func isMissing(_ digest: BlobDigest, in blobs: any LocalBlobs) -> Bool {
        switch blobs.find(digest) {
        case .absent, .elsewhere: true
        case .ready, .unverified, .failed: false
        }
    }

    package func roundTrip(_ byteCount: Int, _ durability: Durability) async throws {
        let store = try store()
        let content = Self.content(byteCount)
        let digest = try await Self.put(content, in: store, durability)
        #expect(try Self.found(digest, in: store) == content)
        #expect(try await store.read(digest, at: 0, count: byteCount + 1) == content)
        #expect(try await store.verify(digest))
    }

    package func absence() async throws {
        let store = try store()
        let digest = BlobDigest.of([1, 2, 3])
        #expect(Self.isMissing(digest, in: store))
        #expect(try await store.read(digest, at: 0, count: 10) == nil)
        #expect(try await store.verify(digest) == false)
        try await store.delete(digest)
    }

    /// Nothing is visible before commit, while followers read every finished append.
    package func stagedIsPrivate() async throws {
        let store = try store()
        let content = Self.content(100_000)
        let digest = BlobDigest.of(content)
        let staged = try await store.stage(.durable)
        let follower = staged.reader
        try await staged.append(Array(content.prefix(60_000)))
        #expect(try follower.read(at: 10, count: 50) == Array(content[10..<60]))
        #expect(try follower.read(at: 59_990, count: 50) == Array(content[59_990..<60_000]))
        try await staged.append(Array(content.dropFirst(60_000)))
        #expect(try Self.found(digest, in: store) == nil)
        #expect(try await store.read(digest, at: 0, count: 1) == nil)
        _ = try await staged.commit(as: digest)
        #expect(try Self.found(digest, in: store) == content)
        #expect(try follower.read(at: 0, count: 100_000) == content)
    }

    package func abandoned() async throws {
        let store = try store()
        let content = Self.content(5000)
        let staged = try await store.stage(.durable)
        try await staged.append(content)
        let reader = staged.reader
        #expect(try await staged.read(at: 4990, count: 50) == Array(content.suffix(10)))
        await staged.abandon()
        #expect(try reader.read(at: 0, count: 5000) == content)
        #expect(try Self.found(BlobDigest.of(content), in: store) == nil)
    }

    /// Storing one content many times at once is harmless.
    package func sameContentAtOnce() async throws {
        let store = try store()
        let content = Self.content(300_000)
        try await withThrowingTaskGroup(of: BlobDigest.self) { group in
            for index in 0..<8 {
                group.addTask {
                    try await Self.put(
                        content, in: store, index.isMultiple(of: 2) ? .durable : .derived)
                }
            }
            for try await digest in group { #expect(digest == BlobDigest.of(content)) }
        }
        #expect(try Self.found(BlobDigest.of(content), in: store) == content)
    }

    /// A blob can be read in parts, which end where it ends.
    package func readInParts() async throws {
        let store = try store()
        let content = Self.content(300_001)
        let digest = try await Self.put(content, in: store)
        for (offset, count) in [(0, 65_536), (65_536, 65_536), (299_999, 65_536), (300_001, 10)] {
            let part = Array(content.dropFirst(offset).prefix(count))
            #expect(try await store.read(digest, at: offset, count: count) == part)
        }
    }

    /// A deleted blob is absent, those who hold it go on reading, and it can be stored again.
    package func deletion() async throws {
        let store = try store()
        let content = Self.content(70_000)
        let digest = try await Self.put(content, in: store)
        guard case .ready(let file) = store.find(digest) else {
            Issue.record("a stored blob was not found")
            return
        }
        try await store.delete(digest)
        #expect(Self.isMissing(digest, in: store))
        #expect(try await store.read(digest, at: 0, count: 1) == nil)
        #expect(try file.read(at: 0, count: 70_000) == content)
        try await Self.put(content, in: store)
        #expect(try Self.found(digest, in: store) == content)
    }

    /// Blobs do not mix, also when more are used than a store keeps open.
    package func manyBlobs() async throws {
        let store = try store()
        let contents = (0..<100).map { Array("blob \($0)".utf8) }
        var digests: [BlobDigest] = []
        for content in contents { digests.append(try await Self.put(content, in: store, .derived)) }
        for _ in 0..<2 {
            for (digest, content) in zip(digests, contents) {
                #expect(try Self.found(digest, in: store) == content)
            }
        }
    }
}
