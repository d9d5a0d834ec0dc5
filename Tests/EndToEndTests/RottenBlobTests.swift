import Foundation
import Support
import Testing

extension EndToEnd {
    /// Stored files that are not what they were, or are gone.
    @Suite(.serialized)
    struct RottenBlobs {
        @Test(
            "K-5: one bit flipped in 50 stored files: found, set aside, told and fetched again",
            .timeLimit(.minutes(2)))
        func flipped() async throws {
            var random = SeededGenerator(seed: Machine.seed)
            let upstream = try Upstream()
            // Some are hashed at once, some are too long for that.
            let files = try (0..<50).map { number in
                let size = [1, 700, 40_000, 262_144, 262_145, 900_000][number % 6]
                return try upstream.publish(
                    "rot\(number)", Pattern(byteCount: size + 1, seed: UInt32(number + 1)))
            }
            let home = try LarderHome(upstream: upstream.index)
            let first = try await home.start()
            try await home.expectAll(files, from: first, "stored")
            try await home.settle(files, from: first)
            try await first.stop()
            for (number, file) in files.enumerated() {
                var bytes = try TemporaryFolder.bytes(of: home.place(of: file.sha256))
                let position = [0, bytes.count / 2, bytes.count - 1][number / 6 % 3]
                bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
                try Data(bytes).write(to: URL(fileURLWithPath: home.place(of: file.sha256)))
            }

            let larder = try await home.start()
            try await home.expectAll(files, from: larder, "K-5, LARDER_SEED=\(Machine.seed)")
            #expect(files.filter { upstream.ledger.count($0.path) == 2 }.count == 50)
            try await larder.settleLog()
            let told = larder.events("integrity-failure").filter { $0["reason"] == "stored-blob" }
            #expect(told.count == 50)
            #expect(try await larder.metric("larder_integrity_failures_total") == 50)
            let asideNames = Set(
                TemporaryFolder.files(below: home.store + "/quarantine")
                    .map { ($0 as NSString).lastPathComponent })
            #expect(asideNames == Set(files.map(\.sha256)))
            try await home.expectSound(files, from: larder, "healed")
            #expect(files.allSatisfy { upstream.ledger.count($0.path) == 2 })
            print("K-5: \(told.count) of 50 found and healed, LARDER_SEED=\(Machine.seed)")
        }

        @Test(
            "K-6: 100 stored files deleted behind the server's back: each is there again, no error",
            .timeLimit(.minutes(2)), arguments: [true, false])
        func deleted(isRestarted: Bool) async throws {
            let upstream = try Upstream()
            let files = try (0..<100).map { number in
                let size = number.isMultiple(of: 10) ? 300_000 : 5_000
                return try upstream.publish(
                    "gone\(number)", Pattern(byteCount: size + number, seed: UInt32(number + 1)))
            }
            let home = try LarderHome(upstream: upstream.index)
            var larder = try await home.start()
            try await home.expectAll(files, from: larder, "stored")
            try await home.settle(files, from: larder)
            if isRestarted { try await larder.stop() }
            for blob in TemporaryFolder.files(below: home.store + "/blobs") {
                try FileManager.default.removeItem(atPath: blob)
            }
            if isRestarted { larder = try await home.start() }
            try await home.expectAll(files, from: larder, "K-6")
            if isRestarted { try await home.expectSound(files, from: larder, "K-6, afterwards") }
            try await larder.settleLog()
            let errors = larder.events("request").filter { $0["status"]?.hasPrefix("5") == true }
            #expect(errors == [])
            try await larder.stop()
        }

        @Test(
            "EIO: a stored file that the disk does not give back is fetched, and served again later",
            .timeLimit(.minutes(1)),
            .enabled(if: Machine.canTrace, "strace is missing or may not trace"),
            arguments: [60_000, 900_000])
        func unreadable(_ byteCount: Int) async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("sector", Pattern(byteCount: byteCount, seed: 8))
            let home = try LarderHome(upstream: upstream.index)
            let first = try await home.start()
            try await home.expectAll([file], from: first, "stored")
            try await home.settle([file], from: first)
            try await first.stop()
            let injection = Injection(
                calls: "pread64", fault: "error=EIO", when: "1+", path: home.place(of: file.sha256))
            let larder = try await home.start(under: injection)
            for _ in 0..<3 { try await home.expectAll([file], from: larder, "EIO") }
            try await larder.settleLog()
            #expect(!larder.events("store-failure").isEmpty)
            #expect(try await larder.get("/readyz").text.contains("degraded"))
            try await larder.stop()
            #expect(try await !Trace(of: larder).injected.isEmpty)
            let asked = upstream.ledger.count(file.path)
            let healthy = try await home.start()
            try await home.expectSound([file], from: healthy, "EIO, afterwards")
            // It was there all the time.
            #expect(upstream.ledger.count(file.path) == asked)
        }

        @Test(
            "EIO: so is a page whose document or rendering cannot be read",
            .timeLimit(.minutes(1)),
            .enabled(if: Machine.canTrace, "strace is missing or may not trace"))
        func unreadablePage() async throws {
            let upstream = try Upstream()
            try upstream.publish("sector", Pattern(byteCount: 1_000, seed: 8))
            let home = try LarderHome(upstream: upstream.index)
            let first = try await home.start()
            let page = try await first.get("/pypi/simple/sector/")
            #expect(page.isGood)
            try await first.stop()
            for blob in TemporaryFolder.files(below: home.store + "/blobs") {
                let injection = Injection(
                    calls: "pread64", fault: "error=EIO", when: "1+", path: blob)
                let larder = try await home.start(under: injection)
                for _ in 0..<3 {
                    let again = try await larder.get("/pypi/simple/sector/")
                    #expect(again.isGood && again.body == page.body, "\(again.testDescription)")
                }
                try await larder.stop()
            }
            let healthy = try await home.start()
            #expect(try await healthy.get("/pypi/simple/sector/").body == page.body)
            #expect(try home.damage().wrong == [])
        }
    }
}
