import Backends
import BucketStore
import Digests
import Testing

/// What every object store promises; each of them runs these.
enum ObjectStoreChecks {
    /// Below, at and above the size from which an object goes up in parts (64 or 256 KiB).
    static let lengths = [0, 1, 65_536, 65_537, 262_144, 262_145, 1_000_003]

    static func roundTrip(_ store: any ObjectStore, _ byteCount: Int) async throws {
        let content = sample(byteCount)
        let name = "round/trip+\(byteCount)"
        #expect(try await store.byteCount(of: name) == nil)
        #expect(try await store.bytes(name) == nil)
        #expect(try await store.put(name, ObjectContent(content), .createOnly) == .made)
        #expect(try await store.byteCount(of: name) == byteCount)
        #expect(try await store.bytes(name) == content)
        try await store.delete(name)
        #expect(try await store.byteCount(of: name) == nil)
        try await store.delete(name)
    }

    /// The first one wins, whatever its size; a replacement wins over it.
    static func createOnly(_ store: any ObjectStore, _ byteCount: Int) async throws {
        let (first, second) = (sample(byteCount), sample(byteCount, seed: 2))
        let name = "once-\(byteCount)"
        #expect(try await store.put(name, ObjectContent(first), .createOnly) == .made)
        #expect(try await store.put(name, ObjectContent(second), .createOnly) == .alreadyThere)
        #expect(try await store.bytes(name) == first)
        #expect(try await store.put(name, ObjectContent(second), .replace) == .made)
        #expect(try await store.bytes(name) == second)
        try await store.delete(name)
    }

    static func rest(_ store: any ObjectStore) async throws {
        let content = sample(100_000)
        _ = try await store.put("rest", ObjectContent(content), .createOnly)
        #expect(try await store.bytes("rest", from: 99_999) == [content[99_999]])
        #expect(try await store.bytes("rest", from: 1) == Array(content.dropFirst()))
        #expect(try await store.bytes("rest", from: 100_000) == nil)
        try await store.delete("rest")
    }

    static func list(_ store: any ObjectStore) async throws {
        for name in ["l/2", "l/1", "m/1"] {
            _ = try await store.put(name, ObjectContent([1, 2]), .createOnly)
        }
        let page = try await store.list("l/", from: nil)
        #expect(page.entries.map(\.name) == ["l/1", "l/2"])
        #expect(page.entries.map(\.byteCount) == [2, 2])
        #expect(page.next == nil)
        for name in ["l/2", "l/1", "m/1"] { try await store.delete(name) }
        #expect(try await store.list("l/", from: nil).entries == [])
    }

    /// Bytes that are not those of the digest never become an object.
    static func mismatch(_ store: any ObjectStore) async throws {
        for byteCount in [10, 600_000] {
            let bytes = sample(byteCount)
            let content = ObjectContent(byteCount: byteCount, digest: .of([9])) { offset, count in
                Array(bytes[offset..<offset + count])
            }
            await #expect(throws: ObjectFault.source(.mismatch)) {
                try await store.put("wrong", content, .createOnly)
            }
            #expect(try await store.byteCount(of: "wrong") == nil)
        }
    }

    static func promises(_ store: any ObjectStore) async throws {
        let promises = try await store.promises()
        #expect(promises.description == "all that is needed")
        #expect(try await store.list("self-test/", from: nil).entries == [])
    }
}
