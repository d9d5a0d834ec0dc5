import Foundation
import Support
import Testing

extension EndToEnd {
    /// What locks a project's dependencies, and installs from the lock.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct LockFiles {
        struct Row: Sendable, CustomTestStringConvertible {
            let client: Client
            let form: Upstream.Form
            var testDescription: String { "\(client.name), \(form.rawValue) index" }

            /// What locking one project costs; pipenv reads each page again, in HTML, for its hashes.
            var locking: Traffic { Traffic(pages: client == .pipenv ? 2 : 1, metadata: 1) }
            /// What installing it costs; the locks of uv and pip say where the file is.
            var syncing: Traffic {
                Traffic(pages: [.uv, .newestPip].contains(client) ? 0 : 1, files: 1)
            }
        }

        static let rows = Upstream.Form.allCases.flatMap { form in
            Client.lockers.map { Row(client: $0, form: form) }
        }
        /// requests, and what it brings with it.
        static let count = 5

        @Test(
            "A16.19 cold, warm without the upstream, after a restart, from the lock on an empty server",
            .timeLimit(.minutes(3)), arguments: rows)
        func life(_ row: Row) async throws {
            let upstream = try Upstream(row.form)
            try upstream.publishWheels()
            let home = try LarderHome(upstream: upstream.index)
            var larder = try await home.start()
            let project = try Project(
                row.client, [.init("requests")], indexes: ["usual": larder.index])
            var lock = ""
            var installed: Set<String> = []
            let locking = try await larder.traffic(expecting: Self.count * row.locking) {
                lock = try await project.lock()
            }
            #expect(locking == Self.count * row.locking)
            #expect(upstream.traffic() == Self.count * Traffic(pages: 1, metadata: 1))
            let syncing = try await larder.traffic(expecting: Self.count * row.syncing) {
                installed = try await project.sync()
            }
            #expect(installed.count == Self.count)
            #expect(syncing == Self.count * row.syncing)
            #expect(upstream.traffic() == Self.count * Traffic(pages: 1, metadata: 1, files: 1))

            upstream.origin.stop()
            let count = upstream.ledger.requests.count
            #expect(try await project.lock() == lock)
            try await larder.stop()
            larder = try await home.start(port: larder.port)
            #expect(try await project.lock() == lock)
            #expect(try await project.sync() == installed)
            #expect(upstream.ledger.requests.count == count)
            #expect(try home.damage().wrong.isEmpty)
            try await larder.stop()

            try upstream.origin.restart()
            let empty = try await LarderHome(upstream: upstream.index).start(port: larder.port)
            let again = try await empty.traffic(expecting: Self.count * row.syncing) {
                let synced = try await project.sync()
                #expect(synced == installed)
            }
            #expect(again == Self.count * row.syncing)
            // Where a client gives only a file's path, its page is read to know the digest.
            #expect(
                upstream.traffic(after: count) == Self.count * Traffic(pages: 1, files: 1))
        }

        struct Warm: Sendable, CustomTestStringConvertible {
            let client: Client
            var arguments: [String] = []
            /// What each project costs when everything was in the client's own cache.
            let each: Traffic
            var testDescription: String { ([client.name] + arguments).joined(separator: " ") }
        }

        private static let trusted = ["--trusted-host", "127.0.0.1"]
        static let installing = [
            // Over plain http and without trust pip has no cache.
            Warm(client: .newestPip, each: Traffic(pages: 1, metadata: 1, files: 1)),
            Warm(client: .newestPip, arguments: trusted, each: .none),
            // Before 26.2 pip says max-age=0 with every page.
            Warm(client: .oldPip, arguments: trusted, each: Traffic(unchanged: 1)),
            Warm(client: .firstPip, arguments: trusted, each: Traffic(unchanged: 1)),
            Warm(client: .uv, each: .none),
        ]
        static let locking = [
            Warm(client: .uv, each: .none), Warm(client: .poetry, each: .none),
            // What reads pages for their hashes has no cache.
            Warm(client: .pipenv, each: Traffic(pages: 1)), Warm(client: .pdm, each: .none),
        ]

        @Test(
            "installing again with the client's own cache", .timeLimit(.minutes(3)),
            arguments: installing)
        func installAgain(_ row: Warm) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let larder = try await LarderHome(upstream: upstream.index).start()
            let home = try TemporaryFolder()
            let words = ["requests"] + row.arguments
            let first = try await row.client.install(words, from: larder.index, home: home)
            let count = upstream.ledger.requests.count
            let traffic = try await larder.traffic(expecting: Self.count * row.each) {
                let second = try await row.client.install(words, from: larder.index, home: home)
                #expect(second == first)
            }
            #expect(traffic == Self.count * row.each)
            #expect(upstream.ledger.requests.count == count)
        }

        @Test(
            "locking again with the client's own cache", .timeLimit(.minutes(3)),
            arguments: locking)
        func lockAgain(_ row: Warm) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let larder = try await LarderHome(upstream: upstream.index).start()
            let project = try Project(
                row.client, [.init("requests")], indexes: ["usual": larder.index])
            let home = try TemporaryFolder()
            let first = try await project.lock(home: home)
            let count = upstream.ledger.requests.count
            let traffic = try await larder.traffic(expecting: Self.count * row.each) {
                let second = try await project.lock(home: home)
                #expect(second == first)
            }
            #expect(traffic == Self.count * row.each)
            #expect(upstream.ledger.requests.count == count)
        }

        static let withoutMetadata = [
            // The tail of the wheel, where the list of its members is.
            Warm(client: .uv, each: Traffic(pages: 1, parts: 1, heads: 1)),
            Warm(client: .poetry, each: Traffic(pages: 1, parts: 1)),
            Warm(client: .pipenv, each: Traffic(pages: 2, files: 1)),
            Warm(client: .pdm, each: Traffic(pages: 1, files: 1)),
            Warm(client: .newestPip, each: Traffic(pages: 1, files: 1)),
        ]

        @Test(
            "locking where the index announces no metadata", .timeLimit(.minutes(3)),
            arguments: withoutMetadata)
        func lockWithoutMetadata(_ row: Warm) async throws {
            let upstream = try Upstream()
            var six = try #require(try Wheels.load()["six"])
            six.metadata = nil
            upstream.publish("six", [six])
            let larder = try await LarderHome(upstream: upstream.index).start()
            let project = try Project(
                row.client, [.init("six")], indexes: ["usual": larder.index])
            let traffic = try await larder.traffic(expecting: row.each) {
                try await project.lock()
            }
            #expect(traffic == row.each)
            // Whatever part a client wants, the file is fetched whole and once.
            #expect(upstream.traffic() == Traffic(pages: 1, files: 1))
            let installed = try await project.sync()
            #expect(installed.count == 1)
            #expect(upstream.traffic() == Traffic(pages: 1, files: 1))
        }
    }
}
