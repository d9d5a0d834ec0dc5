import Backends
import Conformance
import Digests
import Foundation
import Linux
import Resources
import SQLiteStore
import Support
import Testing

@Suite(.timeLimit(.minutes(5))) struct SQLiteFaultTests {
    private typealias Samples = MetadataSamples

    private static func file(in folder: ScratchFolder) -> String {
        folder.path + "/metadata.sqlite"
    }

    @Test("everything is there after closing and opening again")
    func reopening() async throws {
        let folder = ScratchFolder()
        let key = Samples.document("simple/example/")
        let fact = try #require(Samples.fact("one.whl"))
        do {
            let store = try SQLiteMetadata(folder: folder.path)
            try await store.store(Samples.response(key), facts: [fact])
            _ = try await store.pin(Samples.artifact("one.whl"), to: .of([1]))
            await store.close()
            await #expect(throws: StoreError.closed) { try await store.response(for: key) }
            await #expect(throws: StoreError.closed) { try await store.remove(key) }
        }
        let store = try SQLiteMetadata(folder: folder.path)
        #expect(try await store.response(for: key) == Samples.response(key))
        #expect(try await store.fact(for: Samples.artifact("one.whl")) == fact)
        #expect(try await store.pin(for: Samples.artifact("one.whl")) == .of([1]))
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 100))
    }

    @Test("a copy taken while the server runs, as a crash leaves it, has what was committed")
    func crashCopy() async throws {
        let folder = ScratchFolder()
        let key = Samples.document("simple/example/")
        let store = try SQLiteMetadata(folder: folder.path)
        try await store.store(Samples.response(key), facts: [])
        _ = try await store.pin(Samples.artifact("one.whl"), to: .of([1]))
        let crashed = ScratchFolder()
        for name in ["metadata.sqlite", "metadata.sqlite-wal"] {
            try FileManager.default.copyItem(
                atPath: folder.path + "/" + name, toPath: crashed.path + "/" + name)
        }
        let recovered = try SQLiteMetadata(folder: crashed.path)
        #expect(try await recovered.response(for: key) == Samples.response(key))
        #expect(try await recovered.pin(for: Samples.artifact("one.whl")) == .of([1]))
        await store.close()
    }

    @Test("a torn end of the log loses the last moments and nothing else")
    func tornLog() async throws {
        let folder = ScratchFolder()
        let store = try SQLiteMetadata(folder: folder.path)
        let keys = (0..<20).map { Samples.document("simple/p\($0)/") }
        for key in keys { try await store.store(Samples.response(key), facts: []) }
        let crashed = ScratchFolder()
        let log = try #require(
            FileManager.default.contents(atPath: Self.file(in: folder) + "-wal"))
        let main = try #require(FileManager.default.contents(atPath: Self.file(in: folder)))
        try crashed.write(Array(main), to: Self.file(in: crashed))
        try crashed.write(Array(log.dropLast(5000)), to: Self.file(in: crashed) + "-wal")
        let recovered = try SQLiteMetadata(folder: crashed.path)
        var found = 0
        for key in keys {
            guard let response = try await recovered.response(for: key) else { continue }
            #expect(response == Samples.response(key))
            found += 1
        }
        #expect((1..<20).contains(found))
        #expect(
            try await recovered.totals()
                == StoreTotals(responseCount: found, byteCount: 100 * found))
        await store.close()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What `sqlite3` is told to make of the file.
        let script: String
        let expected: StoreOpenError
    }

    static let refusals: [Refusal] = [
        Refusal(
            testDescription: "a newer schema",
            script: "PRAGMA application_id = 1279349316; PRAGMA user_version = 99;",
            expected: .newerSchema(found: 99, known: 7)),
        Refusal(
            testDescription: "another program's database",
            script: "PRAGMA application_id = 77; CREATE TABLE t (x);", expected: .foreignDatabase),
        Refusal(
            testDescription: "a nameless database with tables",
            script: "CREATE TABLE responses (x);", expected: .foreignDatabase),
        Refusal(
            testDescription: "a nameless database with a version",
            script: "PRAGMA user_version = 1;", expected: .foreignDatabase),
    ]

    @Test("databases that are not ours are refused and left as they were", arguments: refusals)
    func refuses(_ row: Refusal) throws {
        let folder = ScratchFolder()
        try Self.make(Self.file(in: folder), row.script)
        let before = FileManager.default.contents(atPath: Self.file(in: folder))
        #expect(before?.isEmpty == false)
        #expect(throws: row.expected) { try SQLiteMetadata(folder: folder.path) }
        #expect(FileManager.default.contents(atPath: Self.file(in: folder)) == before)
    }

    @Test("a file that is no database is refused and left as it was")
    func noDatabase() throws {
        let folder = ScratchFolder()
        let junk = Array(repeating: UInt8(ascii: "x"), count: 10_000)
        try folder.write(junk, to: Self.file(in: folder))
        #expect(throws: StoreOpenError.damaged) { try SQLiteMetadata(folder: folder.path) }
        #expect(FileManager.default.contents(atPath: Self.file(in: folder)) == Data(junk))
    }

    @Test("C-6: where there may be no new database, none is made of nothing", arguments: [nil, 0])
    func notNew(byteCount: Int?) throws {
        let folder = ScratchFolder()
        if byteCount != nil { try folder.write([], to: Self.file(in: folder)) }
        let before = try folder.names(in: "")
        #expect(throws: StoreOpenError.missing) {
            try SQLiteMetadata(folder: folder.path, mayBeNew: { false })
        }
        #expect(try folder.names(in: "") == before)
        _ = try SQLiteMetadata(folder: folder.path, mayBeNew: { true })
        // It has tables by now, so nobody is asked.
        _ = try SQLiteMetadata(folder: folder.path, mayBeNew: { false })
    }

    @Test("C-6: a log that is none is refused; what a crash leaves of a new one is not")
    func damagedLog() async throws {
        let folder = ScratchFolder()
        let log = Self.file(in: folder) + "-wal"
        await (try SQLiteMetadata(folder: folder.path)).close()
        try folder.write([UInt8](repeating: 0xA5, count: 40_000), to: log)
        #expect(throws: StoreOpenError.damagedLog) { try SQLiteMetadata(folder: folder.path) }
        #expect(FileManager.default.contents(atPath: log)?.count == 40_000)
        for bytes in [[UInt8](repeating: 0, count: 40_000), [1, 2, 3], []] {
            try folder.write(bytes, to: log)
            await (try SQLiteMetadata(folder: folder.path)).close()
        }
    }

    @Test("what was committed is in the database's own file once it is closed")
    func closing() async throws {
        let folder = ScratchFolder()
        let key = Samples.document("simple/example/")
        let store = try SQLiteMetadata(folder: folder.path)
        try await store.store(Samples.response(key), facts: [])
        await store.close()
        let main = try #require(FileManager.default.contents(atPath: Self.file(in: folder)))
        let copy = ScratchFolder()
        try copy.write(Array(main), to: Self.file(in: copy))
        let opened = try SQLiteMetadata(folder: copy.path)
        #expect(try await opened.response(for: key) == Samples.response(key))
    }

    @Test("damaged pages give an error, never a wrong answer")
    func damagedPages() async throws {
        let folder = ScratchFolder()
        let keys = (0..<200).map { Samples.document("simple/p\($0)/") }
        do {
            let store = try SQLiteMetadata(folder: folder.path)
            for key in keys { try await store.store(Samples.response(key), facts: []) }
            await store.close()
        }
        var bytes = try #require(FileManager.default.contents(atPath: Self.file(in: folder)))
        #expect(bytes.count > 40_000)
        for index in stride(from: 8192, to: bytes.count, by: 3) { bytes[index] = 0xA5 }
        try folder.write(Array(bytes), to: Self.file(in: folder))
        var errors = 0
        do {
            let store = try SQLiteMetadata(folder: folder.path)
            for key in keys {
                do {
                    let response = try await store.response(for: key)
                    #expect(response == nil || response == Samples.response(key))
                } catch {
                    #expect(error.isDatabaseFailure)
                    errors += 1
                }
            }
        } catch {
            errors += 1
        }
        #expect(errors > 0)
    }

    @Test("a folder that is missing is an error at the start")
    func missingFolder() throws {
        let folder = ScratchFolder()
        #expect(throws: StoreOpenError.system(.noEntry)) {
            try SQLiteMetadata(folder: folder.path + "/none")
        }
        #expect(throws: StoreOpenError.self) { try SQLiteMetadata(folder: "/proc") }
    }

    @Test("one bad write fails alone, whatever shared its transaction")
    func badWriteFailsAlone() async throws {
        let folder = ScratchFolder()
        let store = try SQLiteMetadata(folder: folder.path)
        // Longer than any value may be (SQLITE_LIMIT_LENGTH).
        let tooLong = Samples.document(String(repeating: "x", count: 2 << 20))
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<50 {
                group.addTask {
                    let key = index == 25 ? tooLong : Samples.document("simple/p\(index)/")
                    do {
                        try await store.store(Samples.response(key), facts: [])
                        return 0
                    } catch {
                        #expect(error.isDatabaseFailure)
                        return 1
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(failures == 1)
        #expect(try await store.totals() == StoreTotals(responseCount: 49, byteCount: 4900))
    }

    @Test("two processes may have the database open, and both see what either committed")
    func twoOpens() async throws {
        let folder = ScratchFolder()
        let one = try SQLiteMetadata(folder: folder.path)
        let two = try SQLiteMetadata(folder: folder.path)
        let key = Samples.document("simple/example/")
        try await one.store(Samples.response(key), facts: [])
        #expect(try await two.response(for: key) == Samples.response(key))
        #expect(try await two.pin(key, to: .of([1])) == .of([1]))
        #expect(try await one.pin(key, to: .of([2])) == .of([1]))
    }

    @Test("only the newest events are kept")
    func eventsAreBounded() async throws {
        let folder = ScratchFolder()
        let store = try SQLiteMetadata(folder: folder.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<StoredEvent.keptCount + 100 {
                let event = StoredEvent(
                    kind: .withdrawn, at: Int64(index), upstream: "", subject: "")
                // The queue of the writer is bounded, so not all of them at once.
                if index.isMultiple(of: 1000) { try await group.waitForAll() }
                group.addTask { try await store.record(event) }
            }
            try await group.waitForAll()
        }
        #expect(try await store.recent(limit: .max).count == StoredEvent.keptCount)
    }

    /// Makes a database with Python's sqlite3, which is not ours.
    private static func make(_ path: String, _ script: String) throws {
        let (status, output) = try Program.run([
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2])",
            path, script,
        ])
        #expect(status == 0, "\(output)")
    }
}

extension Error {
    fileprivate var isDatabaseFailure: Bool {
        if case .database? = self as? StoreError { return true }
        return false
    }
}
