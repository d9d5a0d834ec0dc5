import Foundation
import Support
import Testing

extension EndToEnd {
    /// From one machine's folder to PostgreSQL and a bucket, and back.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible && Client.areInstalled,
            "PostgreSQL, PgBouncer, SeaweedFS and pip are not all installed"))
    struct Migrations {
        /// Files whose names and bytes are known, beside those that pip installs.
        private static let fileCount = 150

        @Test(
            "migrate: to PostgreSQL and a bucket, killed in the middle, and back; pip installs from both",
            .timeLimit(.minutes(5)))
        func thereAndBack() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let files = try upstream.publish(Self.fileCount, "moved", byteCount: 1_000_000)
            let bed = try await ReplicaBed(1, upstream: upstream.index)
            let passwords = try TemporaryFolder()
            let variables = try Self.variables(bed, passwords)
            let home = try LarderHome(upstream: upstream.index, variables: variables)
            try await Self.serve(files, from: home)
            upstream.origin.stop()

            let target = bed.migrationTarget
            try await Self.breakOff(home, bed)
            let rest = try await home.run(["migrate", "--to", target[0], "--to", target[1]])
            #expect(rest.isGood && !rest.output.contains("warning"), "\(rest.output)")
            // Some were there, and some were not.
            let report = try #require(
                rest.output.firstMatch(of: #/files: (\d+) \(.*, and (\d+) were there/#))
            #expect(try #require(Int(report.1)) > 0, "\(rest.output)")
            #expect(try #require(Int(report.2)) > 0, "\(rest.output)")
            try await Self.serve(files, from: bed.homes[0])

            let back = try TemporaryFolder()
            let places = ["sqlite://\(back.path)/new.sqlite", "file://\(back.path)/files"]
            let returned = try await home.run([
                "migrate", "--from", target[0], "--from", target[1], "--to", places[0], "--to",
                places[1],
            ])
            #expect(returned.isGood, "\(returned.output)")
            let last = try LarderHome(
                upstream: upstream.index,
                variables: ["DB_URL": places[0], "STORAGE_URL": places[1]])
            try await Self.serve(files, from: last)
            #expect(try await last.run(["verify"]).isGood)
        }

        @Test("migrate: a password among the arguments is warned of", .timeLimit(.minutes(2)))
        func warning() async throws {
            let home = try LarderHome(upstream: try Upstream().index)
            let free = try LoopbackSocket.reserved()
            defer { withExtendedLifetime(free) {} }
            let port = free.port
            let outcome = try await home.run([
                "migrate", "--to", "postgresql://larder:opensesame@127.0.0.1:\(port)/larder",
            ])
            #expect(outcome.output.contains("PGPASSFILE"), "\(outcome.output)")
            #expect(!outcome.output.contains("opensesame"))
        }

        /// What a command needs to reach both, with the password in a file.
        private static func variables(
            _ bed: ReplicaBed, _ folder: TemporaryFolder
        ) throws -> [String: String] {
            // libpq's manual, "The Password File": colons and backslashes are escaped.
            let password = PostgresServer.password
                .replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: ":", with: "\\:")
            let line = "127.0.0.1:\(bed.postgres.port):*:\(PostgresServer.user):\(password)\n"
            let file = try folder.write(line, to: "pgpass")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            return [
                "PGPASSFILE": file, "AWS_ACCESS_KEY_ID": SeaweedServer.keyID,
                "AWS_SECRET_ACCESS_KEY": SeaweedServer.secret,
            ]
        }

        /// Starts a server, gets all of it, and installs.
        private static func serve(
            _ files: [Upstream.File], from home: LarderHome
        ) async throws {
            let larder = try await home.start()
            let herd = try await Herd.run(4, of: files, from: [larder.port], withPages: true)
            #expect(herd.wrong == [] && herd.others == [:])
            #expect(herd.right == 4 * 2 * files.count)
            let names = try await Client.newestPip.install(["flask"], from: larder.index)
                .map { $0.split(separator: "-")[0].lowercased() }
            #expect(Set(names) == Clients.projects)
            try await eventually("rows and files agree") {
                try await home.run(["verify"]).isGood ? true : nil
            }
            #expect(try await larder.stop() == .exit(0))
        }

        /// Begins to migrate, and kills the command when the bucket has some files.
        private static func breakOff(
            _ home: LarderHome, _ bed: ReplicaBed
        ) async throws {
            let target = bed.migrationTarget
            let command = try home.begin(["migrate", "--to", target[0], "--to", target[1]])
            try await eventually("the bucket has some files", pause: 1) {
                try #require(command.ending == nil, "it was through before it was killed")
                return try bed.bucket.nameCount(below: bed.database) > 5 ? true : nil
            }
            command.signal(SIGKILL)
            #expect(try await command.end().isSignal)
        }
    }
}

extension ReplicaBed {
    /// The database, without a password, and the bucket.
    fileprivate var migrationTarget: [String] {
        [
            "postgresql://\(PostgresServer.user)@127.0.0.1:\(postgres.port)/\(database)",
            "s3://\(SeaweedServer.bucket)/\(database)?endpoint=\(bucket.endpoint)",
        ]
    }
}
