import Foundation
import Support
import Testing

extension EndToEnd {
    /// What a start does with a database that is not as it was left.
    @Suite(.serialized)
    struct DamagedDatabase {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// Whether the server before was killed, so that its log is still beside the database.
            var afterKill = false
            /// Breaks the data folder, given by its path.
            let harm: @Sendable (String) throws -> Void
            /// What the one line says; nil where the server starts and serves what is stored.
            let message: String?
        }

        private static func cut(
            _ name: String, to byteCount: Int
        ) -> @Sendable (String) throws -> Void {
            { folder in
                let path = "\(folder)/\(name)"
                let bytes = try TemporaryFolder.bytes(of: path)
                try Foundation.Data(bytes.prefix(byteCount)).write(to: URL(fileURLWithPath: path))
            }
        }

        private static func remove(_ names: String...) -> @Sendable (String) throws -> Void {
            { folder in
                for name in names {
                    try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
                }
            }
        }

        private static func write(
            _ bytes: [UInt8], to name: String
        ) -> @Sendable (String) throws -> Void {
            { folder in
                let file = URL(fileURLWithPath: "\(folder)/\(name)")
                try Foundation.Data(bytes).write(to: file)
            }
        }

        private static let garbage = Pattern(byteCount: 50_000, seed: 77).bytes

        static let rows: [Row] = [
            Row(
                testDescription: "cut to half", harm: cut("larder.sqlite", to: 40_000),
                message: "damaged"),
            Row(
                testDescription: "cut within its head", harm: cut("larder.sqlite", to: 60),
                message: "damaged"),
            Row(
                testDescription: "cut to nothing", harm: cut("larder.sqlite", to: 0),
                message: "missing or empty"),
            Row(
                testDescription: "missing, with all that belongs to it",
                harm: remove("larder.sqlite", "larder.sqlite-wal", "larder.sqlite-shm"),
                message: "missing or empty"),
            Row(
                testDescription: "missing, its log still there", afterKill: true,
                harm: remove("larder.sqlite"), message: "missing or empty"),
            Row(
                testDescription: "garbage in its place", harm: write(garbage, to: "larder.sqlite"),
                message: "damaged or no database"),
            Row(
                testDescription: "a garbage log, all of it", afterKill: true,
                harm: write(garbage, to: "larder.sqlite-wal"), message: "-wal file"),
            Row(
                testDescription: "a garbage log beside a database that was closed",
                harm: write(garbage, to: "larder.sqlite-wal"), message: "-wal file"),
            Row(
                testDescription: "a log that only had its place made",
                harm: write([UInt8](repeating: 0, count: 8_192), to: "larder.sqlite-wal"),
                message: nil),
            Row(
                testDescription: "the shared memory missing", afterKill: true,
                harm: remove("larder.sqlite-shm"), message: nil),
            Row(
                testDescription: "garbage in the shared memory", afterKill: true,
                harm: write(Array(garbage.prefix(32_768)), to: "larder.sqlite-shm"), message: nil),
        ]

        @Test(
            "C-6: one line and exit status 2, or all that was stored; never a silent empty database",
            .timeLimit(.minutes(1)), arguments: rows)
        func damaged(_ row: Row) async throws {
            let bed = try await StoredFile()
            if row.afterKill { try await bed.larder.kill() } else { try await bed.larder.stop() }
            try row.harm(bed.home.store)
            guard let message = row.message else { return try await bed.expectKept() }
            try await bed.expectRefusal(message)
        }

        @Test("C-6: a database whose log is lost after a clean end lacks nothing")
        func logIsLostAfterStop() async throws {
            let bed = try await StoredFile()
            try await bed.larder.stop()
            try Self.remove("larder.sqlite-wal", "larder.sqlite-shm")(bed.home.store)
            try await bed.expectKept()
        }

        struct Statement: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let sql: String
            let message: String
        }

        static let statements: [Statement] = [
            Statement(
                testDescription: "a newer schema", sql: "PRAGMA user_version = 999",
                message: "schema 999"),
            Statement(
                testDescription: "another program's", sql: "PRAGMA application_id = 7",
                message: "another program"),
        ]

        @Test(
            "C-6: a wrong version or owner: one line, exit status 2, and the file stays as it was",
            arguments: statements)
        func wrongVersion(_ row: Statement) async throws {
            let bed = try await StoredFile()
            try await bed.larder.stop()
            let program = """
                import sqlite3, sys
                connection = sqlite3.connect(sys.argv[1])
                connection.execute(sys.argv[2])
                connection.commit()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                """
            let outcome = try await ChildProcess.run([
                "python3", "-c", program, bed.database, row.sql,
            ])
            try #require(outcome.isGood, "\(outcome.output)")
            try await bed.expectRefusal(row.message)
        }

        @Test("C-6: a database that may not be written: one line, exit status 2")
        func readOnly() async throws {
            let bed = try await StoredFile(wrapper: ServerProgram.unprivileged([]))
            try await bed.larder.stop()
            if NSUserName() == "root" { try ServerProgram.run(["chown", "root", bed.database]) }
            try ServerProgram.run(["chmod", "444", bed.database])
            try await bed.expectRefusal("cannot be written")
            try ServerProgram.run(["chmod", "000", bed.database])
            try await bed.expectRefusal("cannot be opened")
        }

        @Test("C-6: an empty folder gets a new database, also where only folders are left")
        func fresh() async throws {
            let bed = try await StoredFile()
            try await bed.larder.stop()
            try Self.remove("larder.sqlite", "larder.sqlite-wal", "larder.sqlite-shm")(
                bed.home.store)
            for file in TemporaryFolder.files(below: bed.home.store + "/blobs") {
                try FileManager.default.removeItem(atPath: file)
            }
            let larder = try await bed.home.start()
            try await bed.home.expectSound([bed.file], from: larder, "fresh")
            #expect(bed.upstream.ledger.count(bed.file.path) == 2)
        }
    }
}

/// A home in which one file is stored, and its running server.
private final class StoredFile: Sendable {
    let upstream: Upstream
    let file: Upstream.File
    let home: LarderHome
    let larder: Larder

    var database: String { home.store + "/larder.sqlite" }

    init(wrapper: [String] = []) async throws {
        upstream = try Upstream()
        file = try upstream.publish("stored", Pattern(byteCount: 90_000, seed: 9))
        let folder = NSTemporaryDirectory() + "larder-e2e-" + UUID().uuidString
        if !wrapper.isEmpty { try ServerProgram.makeFolder(folder) }
        home = try LarderHome(
            upstream: upstream.index, store: wrapper.isEmpty ? nil : folder, wrapper: wrapper)
        larder = try await home.start()
        try await home.expectAll([file], from: larder, "at first")
        try await home.settle([file], from: larder)
    }

    deinit { try? FileManager.default.removeItem(atPath: home.store) }

    func expectKept() async throws {
        let again = try await home.start()
        try await home.expectSound([file], from: again, "kept")
        #expect(upstream.ledger.count(file.path) == 1)
        try await again.stop()
    }

    func expectRefusal(_ message: String) async throws {
        let before = FileManager.default.contents(atPath: database)
        let (ending, lines) = try await home.refusal()
        #expect(ending == .exit(2))
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains(message) == true, "\(lines)")
        #expect(lines.first?.contains(database) == true, "\(lines)")
        #expect(FileManager.default.contents(atPath: database) == before)
        #expect(home.holds(file.sha256))
    }
}
