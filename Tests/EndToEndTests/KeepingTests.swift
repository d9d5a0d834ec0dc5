import Foundation
import Support
import Testing

extension EndToEnd {
    /// The commands that keep the store in order, or move it, beside a running server.
    @Suite(.serialized)
    struct Keeping {
        private static func files(
            _ count: Int, of upstream: Upstream, byteCount: Int = 30_000
        ) throws -> [Upstream.File] {
            try (0..<count).map { number in
                try upstream.publish(
                    "project\(number)", Pattern(byteCount: byteCount, seed: UInt32(number + 1)))
            }
        }

        private static func fetch(_ file: Upstream.File, from larder: Larder) async throws {
            let page = try await larder.get("/pypi/simple/\(file.project)/")
            #expect(page.isGood && page.text.contains(file.name))
            let exchange = try await larder.get(file.target)
            #expect(exchange.isGood, "\(exchange.status) \(file.name)")
            #expect(sha256(exchange.body) == file.sha256)
        }

        /// Puts a file into the store that no row has, as if it had been there for so long.
        private static func plant(
            _ text: String, age seconds: TimeInterval, in home: LarderHome
        ) throws -> String {
            let bytes = Array(text.utf8)
            let name = sha256(bytes)
            let folder = "\(home.store)/blobs/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))"
            let system = FileManager.default
            try system.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            try system.setAttributes(
                [.modificationDate: Date().addingTimeInterval(-seconds)],
                ofItemAtPath: "\(folder)/\(name)")
            return name
        }

        @Test(
            "gc beside a running server: orphans of long ago go, everything else stays",
            .timeLimit(.minutes(1)))
        func collect() async throws {
            let upstream = try Upstream()
            let files = try Self.files(5, of: upstream)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            let old = try Self.plant("old", age: 90_000, in: home)
            let young = try Self.plant("young", age: 80_000, in: home)

            let dry = try await home.run(["gc", "--dry-run"])
            #expect(dry.isGood, "\(dry.output)")
            #expect(dry.output.contains("files that no row needs: 1 (3 B)"), "\(dry.output)")
            #expect(home.holds(old))
            let done = try await home.run(["gc"])
            #expect(done.isGood, "\(done.output)")
            #expect(!home.holds(old))
            #expect(home.holds(young))
            upstream.origin.stop()
            for file in files { try await Self.fetch(file, from: larder) }
            let younger = try await home.run(["gc", "--older-than=22h"])
            #expect(younger.isGood && !home.holds(young), "\(younger.output)")
            try await larder.stop()
        }

        @Test("gc refuses what is not safe", .timeLimit(.minutes(1)))
        func refusals() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            try await larder.stop()
            for words in [["gc", "--older-than", "30m"], ["gc", "--older-than", "soon"]] {
                #expect(try await home.run(words).ending == .exit(2))
            }
            // Another database than the servers' would call everything an orphan.
            let file = try Self.plant("old", age: 90_000, in: home)
            let refused = try await home.run(["gc"])
            #expect(refused.ending == .exit(1))
            #expect(refused.output.contains("the database is empty"), "\(refused.output)")
            #expect(home.holds(file))
            let forced = try await home.run(["gc", "--force", "--older-than", "30m"])
            #expect(forced.isGood && !home.holds(file), "\(forced.output)")
        }

        @Test("gc evicts down to the limit, as the server does", .timeLimit(.minutes(1)))
        func evict() async throws {
            let upstream = try Upstream()
            let files = try Self.files(5, of: upstream, byteCount: 400_000)
            let home = try LarderHome(upstream: upstream.index)
            var larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            try await larder.stop()
            // What was stored in the second in which gc begins stays: its row may be on its way.
            for path in TemporaryFolder.files(below: home.store + "/blobs") {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date().addingTimeInterval(-10)], ofItemAtPath: path)
            }
            let small = try LarderHome(
                upstream: upstream.index, store: home.store,
                variables: ["LARDER_CACHE_SIZE": "1MiB"])
            let done = try await small.run(["gc"])
            #expect(done.isGood, "\(done.output)")
            let kept = files.filter { home.holds($0.sha256) }
            #expect((1...3).contains(kept.count), "\(done.output)")
            // What is gone is fetched anew.
            larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            try await larder.stop()
        }

        @Test(
            "verify says what is damaged or missing; with --repair it is fetched again",
            .timeLimit(.minutes(1)))
        func verify() async throws {
            let upstream = try Upstream()
            let files = try Self.files(4, of: upstream)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            let good = try await eventually("rows and files agree") {
                let outcome = try await home.run(["verify"])
                return outcome.isGood ? outcome : nil
            }
            #expect(good.output.contains("all is well"))

            let paths = TemporaryFolder.files(below: home.store + "/blobs")
            let damaged = try #require(paths.first { $0.hasSuffix(files[0].sha256) })
            let missing = try #require(paths.first { $0.hasSuffix(files[1].sha256) })
            let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: damaged))
            try writer.seek(toOffset: 17)
            try writer.write(contentsOf: Data([0]))
            try writer.write(contentsOf: Data([1]))
            try writer.close()
            try FileManager.default.removeItem(atPath: missing)
            let bad = try await home.run(["verify"])
            #expect(bad.ending == .exit(1))
            #expect(bad.output.contains("damaged: 1") && bad.output.contains("missing: 1"))
            #expect(bad.output.contains("damaged: \(files[0].sha256)"), "\(bad.output)")

            let repaired = try await home.run(["verify", "--repair"])
            #expect(repaired.ending == .exit(1))
            #expect(repaired.output.contains("rows removed: 2"), "\(repaired.output)")
            #expect(try await home.run(["verify"]).isGood)
            // It has read the damaged file before, and keeps it open until it has followed.
            try await eventually("the server has followed") {
                _ = try await larder.get(files[0].target)
                return upstream.repeated(below: files[0].path) == [files[0].path: 2] ? true : nil
            }
            for file in files { try await Self.fetch(file, from: larder) }
            #expect(upstream.repeated(below: files[1].path) == [files[1].path: 2])
            #expect(try await home.run(["verify"]).isGood)
            try await larder.stop()
        }

        @Test(
            "migrate: another database and folder serve all of it without the upstream",
            .timeLimit(.minutes(1)))
        func migrate() async throws {
            let upstream = try Upstream()
            let files = try Self.files(5, of: upstream)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            try await home.settle(files, from: larder)

            let folder = try TemporaryFolder()
            let words = [
                "migrate", "--to", "sqlite://\(folder.path)/db/new.sqlite", "--to",
                "file://\(folder.path)/files",
            ]
            // Beside the running source; then again, for what came in meanwhile.
            let first = try await home.run(words)
            #expect(first.isGood, "\(first.output)")
            try await larder.stop()
            let second = try await home.run(words)
            #expect(second.isGood && second.output.contains("files: 0 (0 B), and 10 were there"))

            upstream.origin.stop()
            let moved = try LarderHome(
                upstream: upstream.index,
                variables: [
                    "DB_URL": "sqlite://\(folder.path)/db/new.sqlite",
                    "STORAGE_URL": "file://\(folder.path)/files",
                ])
            let other = try await moved.start()
            for file in files { try await Self.fetch(file, from: other) }
            #expect(try await moved.run(["verify"]).isGood)
            // Its folder is in use.
            let refused = try await home.run(words)
            #expect(refused.ending == .exit(1))
            #expect(refused.output.contains("another server uses this folder"))
            try await other.stop()
        }

        @Test("migrate: what makes no sense is refused", .timeLimit(.minutes(1)))
        func misuse() async throws {
            let home = try LarderHome(upstream: try Upstream().index)
            for (words, text) in [
                (["migrate"], "--to is needed"),
                (["migrate", "--to", "ftp://x/y"], "a URL must be"),
                (
                    ["migrate", "--to", "sqlite:///a", "--to", "sqlite:///b"],
                    "two URLs of one kind"
                ),
                (["migrate", "--from", "file:///a", "--to", "sqlite:///b"], "no --to is for"),
                (["migrate", "--to", "file://\(home.store)"], "are the same"),
            ] {
                let outcome = try await home.run(words)
                #expect(outcome.ending == .exit(2), "\(words)")
                #expect(outcome.output.contains(text), "\(outcome.output)")
            }
        }
    }
}
