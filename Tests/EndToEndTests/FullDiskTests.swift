import Foundation
import Support
import Testing

extension EndToEnd {
    /// A data folder on a file system without room.
    @Suite(
        .serialized, .enabled(if: Machine.canMount, "mounting a file system is not permitted"))
    struct FullDisk {
        @Test(
            "a full disk: bytes are relayed, the log and a metric say so, nothing is damaged",
            .timeLimit(.minutes(1)))
        func full() async throws {
            let mount = try MountedFolder(mebibytes: 12)
            let upstream = try Upstream()
            let small = try upstream.publish("small", Pattern(byteCount: 500_000, seed: 2))
            let large = try upstream.publish("large", Pattern(byteCount: 24 << 20, seed: 4))
            let home = try LarderHome(upstream: upstream.index, store: mount.path + "/data")
            var larder = try await home.start()
            #expect(try await larder.get(small.target).isGood)

            let relayed = try await larder.get(large.target)
            #expect(relayed.isGood, "\(relayed.status), \(relayed.body.count) bytes")
            #expect(sha256(relayed.body) == large.sha256)
            #expect(try await larder.metric("larder_store_failures_total") >= 1)
            #expect(!larder.events("store-failure").isEmpty)
            #expect(home.staged == [])

            // No room at all: not even for a page.
            try mount.fill()
            let late = try upstream.publish("late", Pattern(byteCount: 200_000, seed: 6))
            let page = try await larder.get("/pypi/simple/late/")
            #expect(page.isGood, "\(page.status): \(page.text)")
            let file = try await larder.get(late.target)
            #expect(file.isGood, "\(file.status): \(file.body.count)")
            #expect(sha256(file.body) == late.sha256)

            let hit = try await larder.get(small.target)
            #expect(hit.isGood)
            #expect(sha256(hit.body) == small.sha256)
            #expect(upstream.ledger.count(small.path) == 1)
            #expect(try home.damage().wrong == [])

            try await larder.kill()
            try mount.empty()
            larder = try await home.start()
            #expect(home.staged == [])
            let kept = try await larder.get(small.target)
            #expect(kept.isGood)
            #expect(sha256(kept.body) == small.sha256)
            #expect(upstream.ledger.count(small.path) == 1)
            #expect(try await larder.get(late.target).isGood)
            #expect(try home.damage().wrong == [])
        }
    }
}

extension MountedFolder {
    private var filler: String { path + "/filler" }

    /// Takes what room there is, to the last byte.
    func fill() throws {
        _ = FileManager.default.createFile(atPath: filler, contents: nil)
        guard let file = FileHandle(forWritingAtPath: filler) else {
            throw Overdue(description: "no filler")
        }
        defer { try? file.close() }
        for size in [1 << 20, 4_096] {
            while (try? file.write(contentsOf: Foundation.Data(count: size))) != nil {}
        }
    }

    /// Gives it back.
    func empty() throws { try FileManager.default.removeItem(atPath: filler) }
}
