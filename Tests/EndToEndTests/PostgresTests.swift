import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// The server on a PostgreSQL database.
    @Suite(
        .serialized,
        .enabled(
            if: PostgresServer.isInstalled || Machine.mustRunAll, "PostgreSQL is not installed"))
    struct Postgres {
        private static func files(_ count: Int, of upstream: Upstream) throws -> [Upstream.File] {
            try (0..<count).map { number in
                try upstream.publish(
                    "project\(number)", Pattern(byteCount: 50_000, seed: UInt32(number + 1)))
            }
        }

        /// As pip asks: the page, then the file that it names.
        private static func install(
            _ file: Upstream.File, from larder: Larder
        ) async throws -> Bool {
            let page = try await larder.get("/pypi/simple/\(file.project)/")
            guard page.isGood, page.text.contains(file.name) else { return false }
            let answer = try await larder.get(file.target)
            return answer.isGood && sha256(answer.body) == file.sha256
        }

        @Test(
            "what was stored is there after a restart, without the upstream",
            .timeLimit(.minutes(3)))
        func restart() async throws {
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            let upstream = try Upstream()
            let files = try Self.files(5, of: upstream)
            let home = try LarderHome(
                upstream: upstream.index, variables: ["DB_URL": server.url(database)])
            let first = try await home.start()
            for file in files { #expect(try await Self.install(file, from: first)) }
            try await home.settle(files, from: first)
            #expect(try await server.ask("SELECT count(*) FROM larder_pins", in: database) == "5")
            #expect(try await first.stop() == .exit(0))

            upstream.origin.stop()
            let second = try await home.start()
            for file in files { #expect(try await Self.install(file, from: second)) }
            #expect(try await server.ask("SELECT count(*) FROM larder_pins", in: database) == "5")
            try await second.stop()
            #expect(!first.log.contains("hunter2") && !second.log.contains("hunter2"))
            #expect(!FileManager.default.fileExists(atPath: home.store + "/larder.sqlite"))
        }

        @Test(
            "two servers share a database, each with files of its own: what one lacks it fetches",
            .timeLimit(.minutes(3)))
        func twoServers() async throws {
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            let upstream = try Upstream()
            let files = try Self.files(10, of: upstream)
            let homes = try (0..<2).map { _ in
                try LarderHome(
                    upstream: upstream.index, variables: ["DB_URL": server.url(database)])
            }
            // Both at once on an empty database.
            async let one = homes[0].start()
            async let two = homes[1].start()
            let larders = [try await one, try await two]
            let isGood = try await withThrowingTaskGroup(of: Bool.self) { group in
                for file in files {
                    for larder in larders {
                        group.addTask { try await Self.install(file, from: larder) }
                    }
                }
                return try await group.reduce(true) { $0 && $1 }
            }
            #expect(isGood)
            for (home, larder) in zip(homes, larders) {
                try await home.settle(files, from: larder)
                #expect(try home.damage().wrong == [])
                for file in files { #expect(home.holds(file.sha256)) }
            }
            #expect(try await server.ask("SELECT count(*) FROM larder_pins", in: database) == "10")
            let most = upstream.repeated(below: "/packages/").values.max() ?? 0
            #expect(most <= 2)
            for larder in larders { try await larder.stop() }
        }

        @Test(
            "while the database is away, what is known is served; then all is",
            .timeLimit(.minutes(3)))
        func outage() async throws {
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            let upstream = try Upstream()
            let files = try Self.files(2, of: upstream)
            let home = try LarderHome(
                upstream: upstream.index, variables: ["DB_URL": server.url(database)])
            let larder = try await home.start()
            #expect(try await Self.install(files[0], from: larder))
            #expect(try await larder.metric("larder_database_up") == 1)
            try await onThread { try server.stop(.immediate) }
            try await eventually("the outage is noticed") {
                larder.events("database-unreachable").first
            }
            #expect(try await larder.metric("larder_database_up") == 0)
            #expect(try await Self.install(files[0], from: larder))
            // What is not known is passed on from the upstream, or refused for a while.
            for target in ["/pypi/simple/\(files[1].project)/", files[1].target] {
                let unknown = try await larder.get(target)
                let isRefusal = unknown.status == 503 && unknown.headers["retry-after"] != nil
                #expect(unknown.isGood || isRefusal, "\(target): \(unknown.testDescription)")
            }
            try await onThread { try server.start() }
            try await eventually("the database is back", within: 6) {
                larder.events("database-reachable").first
            }
            #expect(try await Self.install(files[1], from: larder))
            try await larder.stop()
        }

        @Test(
            "a start waits for the database, and ends at once when told to", .timeLimit(.minutes(3))
        )
        func startUp() async throws {
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            try await onThread { try server.stop() }
            let upstream = try Upstream()
            let home = try LarderHome(
                upstream: upstream.index, variables: ["DB_URL": server.url(database)])
            let told = try home.launch()
            try await eventually("it waits") { told.events("database-unreachable").first }
            #expect(try await told.stop() == .exit(0))

            let patient = try home.launch()
            try await eventually("it waits") { patient.events("database-unreachable").first }
            #expect(patient.events("listening").isEmpty)
            try await onThread { try server.start() }
            try await eventually("larder listens") { patient.events("listening").first }
            #expect(try await patient.stop() == .exit(0))

            try await onThread { try server.stop() }
            let hasty = try LarderHome(
                upstream: upstream.index, variables: ["DB_URL": server.url(database)],
                settings: "startup_wait_seconds: 0\n")
            let (ending, lines) = try await hasty.refusal()
            #expect(ending == .exit(2))
            let sentence =
                "the database server 127.0.0.1:\(server.port) cannot be used: "
                + "nothing accepts connections there"
            #expect(lines.contains { $0.contains(sentence) }, "\(lines)")
        }

        @Test(
            "a wrong password or user ends the start at once, with a line that says so",
            .timeLimit(.minutes(1)))
        func credentials() async throws {
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            let right = server.url(database)
            let user = PostgresServer.user
            let rows = [
                (
                    "postgresql://\(user):wrong-secret@127.0.0.1:\(server.port)/\(database)",
                    "password"
                ),
                (
                    right.replacingOccurrences(of: "//\(user):", with: "//absent-user:"),
                    "absent-user"
                ),
            ]
            for (url, word) in rows {
                let home = try LarderHome(upstream: nil, variables: ["DB_URL": url])
                let begun = ContinuousClock.now
                let (ending, lines) = try await home.refusal()
                // Waiting is for servers that may come up, not for what stays wrong.
                #expect(begun.duration(to: .now) < .seconds(10))
                #expect(ending == .exit(2))
                let line = lines.last { $0.contains("cannot be used") } ?? ""
                #expect(line.contains("127.0.0.1:\(server.port)"), "\(word): \(lines)")
                #expect(line.contains("it denies the user name or the password"), "\(line)")
                #expect(!lines.contains { $0.contains("hunter2") || $0.contains("wrong-secret") })
            }
        }
    }
}
