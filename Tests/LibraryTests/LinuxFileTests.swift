import Foundation
import Linux
import Synchronization
import Testing

@Suite struct LinuxFileTests {
    /// A folder of its own for one test, removed at the end.
    final class Folder {
        let path: String
        let directory: Directory

        init() throws {
            path = NSTemporaryDirectory() + "larder-" + SystemRandom.hexadecimal(byteCount: 8)
            directory = try Directory.openOrMake(path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func contents(_ name: String) -> [UInt8]? {
            FileManager.default.contents(atPath: path + "/" + name).map(Array.init)
        }

        func write(_ bytes: [UInt8], to name: String) -> Bool {
            FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
        }
    }

    @Test("a staged file is readable while it grows and has its public name only when published")
    func stageAndPublish() throws {
        let folder = try Folder()
        let staged = try StagedFile(in: folder.directory)
        try staged.file.append(Array("hello, ".utf8))
        try staged.file.append(Array("larder".utf8))
        #expect(staged.file.byteCount == 13)
        #expect(try staged.file.reader.read(at: 7, count: 100) == Array("larder".utf8))
        #expect(try folder.directory.names().count == 1)
        #expect(folder.contents("public") == nil)

        try staged.file.sync()
        #expect(try staged.publish(into: folder.directory, as: "public") == .made)
        #expect(try folder.directory.names() == ["public"])
        #expect(folder.contents("public") == Array("hello, larder".utf8))
        staged.discard()
        #expect(folder.contents("public") == Array("hello, larder".utf8))
    }

    @Test("publishing never takes the place of a file that is there")
    func publishIsCreateOnly() throws {
        let folder = try Folder()
        #expect(folder.write([1], to: "public"))
        let staged = try StagedFile(in: folder.directory)
        try staged.file.append([2, 2])
        #expect(try staged.publish(into: folder.directory, as: "public") == .alreadyThere)
        #expect(try folder.directory.names().count == 2)
        staged.discard()
        #expect(try folder.directory.names() == ["public"])
        #expect(folder.contents("public") == [1])
        #expect(try staged.file.reader.read(at: 0, count: 9) == [2, 2])
    }

    @Test("a staged file that nobody keeps leaves nothing behind")
    func forgottenStagedFile() throws {
        let folder = try Folder()
        do {
            let staged = try StagedFile(in: folder.directory)
            try staged.file.append([1])
            #expect(try folder.directory.names().count == 1)
        }
        #expect(try folder.directory.names().isEmpty)
    }

    @Test("publishing into a folder that is gone fails and keeps the file")
    func publishFails() throws {
        let folder = try Folder()
        try folder.directory.makeSubdirectory("target")
        let target = try folder.directory.subdirectory("target")
        try folder.directory.removeSubdirectory("target")
        let staged = try StagedFile(in: folder.directory)
        #expect(throws: Errno.noEntry) { try staged.publish(into: target, as: "public") }
        #expect(try folder.directory.names().count == 1)
        staged.discard()
        #expect(try folder.directory.names().isEmpty)
    }

    struct Length: Sendable, CustomTestStringConvertible {
        let byteCount: Int
        let isMapped: Bool
        var testDescription: String { "\(byteCount) bytes" }
    }

    static let lengths: [Length] = [
        Length(byteCount: 0, isMapped: false),
        Length(byteCount: 1, isMapped: true),
        Length(byteCount: OpenFile.largestShortByteCount, isMapped: true),
        Length(byteCount: OpenFile.largestShortByteCount + 1, isMapped: true),
    ]

    @Test("files are mapped when asked for twice, empty ones are read", arguments: lengths)
    func mapping(_ row: Length) throws {
        let content = (0..<row.byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let folder = try Folder()
        #expect(folder.write(content, to: "file"))
        let onDisk = try OpenFile(in: folder.directory, named: "file")
        let inMemory = try OpenFile.memory(content)
        for file in [onDisk, inMemory] {
            #expect(file.byteCount == row.byteCount)
            #expect(try file.read(at: 0, count: row.byteCount + 10) == content)
            #expect(try file.read(at: row.byteCount, count: 10) == [])
            let range = row.byteCount / 2..<row.byteCount
            #expect(file.withBytes(range, { $0.count }) == nil)
            let sum = file.withBytes(range) { bytes in
                var sum = 0
                for index in bytes.indices { sum += Int(bytes[index]) }
                return sum
            }
            #expect(sum == (row.isMapped ? content[range].reduce(0) { $0 + Int($1) } : nil))
        }
    }

    @Test("very long files are not mapped, and long ones only while there is room for them")
    func roomForMappings() throws {
        let longest = OpenFile.largestMappedByteCount
        let tooLong = try OpenFile.memory([UInt8](repeating: 7, count: longest + 1))
        for _ in 0..<3 { #expect(tooLong.withBytes(0..<1, { $0[0] }) == nil) }

        let folder = try Folder()
        #expect(folder.write([UInt8](repeating: 7, count: longest), to: "file"))
        let most = OpenFile.mostMappedByteCount / longest
        var files: [OpenFile] = []
        for _ in 0..<most + 8 {
            files.append(try OpenFile(in: folder.directory, named: "file"))
        }
        for file in files { #expect(file.withBytes(0..<1, { $0[0] }) == nil) }
        let answers = files.map { $0.withBytes(longest - 1..<longest) { $0[0] } }
        // Other tests have mappings of their own meanwhile.
        #expect((most - 8...most).contains(answers.count { $0 == 7 }))
        #expect(answers.last == .some(nil))
        // The last one has been refused, and is asked for again when others have let go.
        files.removeFirst(most)
        #expect(files.last?.withBytes(0..<1, { $0[0] }) == 7)
    }

    @Test("a file that is open stays readable after it was unlinked")
    func readAfterUnlink() throws {
        let folder = try Folder()
        #expect(folder.write([1, 2, 3], to: "file"))
        let file = try OpenFile(in: folder.directory, named: "file")
        try folder.directory.remove("file")
        #expect(throws: Errno.noEntry) { try folder.directory.remove("file") }
        #expect(throws: Errno.noEntry) { try OpenFile(in: folder.directory, named: "file") }
        #expect(try file.read(at: 1, count: 2) == [2, 3])
        #expect(file.withBytes(2..<3, { $0[0] }) == nil)
        #expect(file.withBytes(2..<3) { $0[0] } == 3)
    }

    @Test("threads that ask at once get the same bytes")
    func mappingAtOnce() throws {
        let content = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for _ in 0..<200 {
            let file = try OpenFile.memory(content)
            let wrong = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                for _ in 0..<3 where file.withBytes(100..<200, { $0[99] != content[199] }) == true {
                    wrong.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(wrong.load(ordering: .relaxed) == 0)
            #expect(file.withBytes(0..<20_000, { $0[19_999] }) == content[19_999])
        }
    }

    @Test("neither a symbolic link nor a folder is opened as a file")
    func oddFiles() throws {
        let folder = try Folder()
        #expect(folder.write([1], to: "file"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: folder.path + "/file")
        try folder.directory.makeSubdirectory("folder")
        #expect(throws: Errno.symbolicLinkLoop) {
            try OpenFile(in: folder.directory, named: "link")
        }
        #expect(throws: Errno.invalid) { try OpenFile(in: folder.directory, named: "folder") }
    }

    @Test("folders are made with those above them, listed, moved into and removed")
    func folders() throws {
        let folder = try Folder()
        let deep = try Directory.openOrMake(folder.path + "/a/b/c")
        #expect(try deep.names().isEmpty)
        #expect(try folder.directory.makeSubdirectory("a") == .alreadyThere)
        #expect(folder.write([9, 9], to: "file"))
        try folder.directory.move("file", into: deep, as: "moved")
        #expect(try deep.names() == ["moved"])
        #expect(try folder.directory.byteCount(of: "a/b/c/moved") == 2)
        #expect(throws: Errno.notEmpty) {
            try folder.directory.removeSubdirectory("a/b/c")
        }
        try deep.sync()
        #expect(throws: Errno.noEntry) { try Directory.open(folder.path + "/none") }
        #expect(throws: Errno.notDirectory) { try Directory.open(folder.path + "/a/b/c/moved") }
    }

    @Test("two holders of one lock: the second is refused until the first is gone")
    func lock() throws {
        let folder = try Folder()
        var first: LockFile? = try LockFile(in: folder.directory, named: "lock")
        #expect(throws: Errno.wouldBlock) { try LockFile(in: folder.directory, named: "lock") }
        _ = first
        first = nil
        _ = try LockFile(in: folder.directory, named: "lock")
    }

    @Test("the temporary folder is local and has room")
    func fileSystem() throws {
        let folder = try Folder()
        #expect(try folder.directory.fileSystemKind() == .local)
        #expect(try folder.directory.freeByteCount() > 0)
    }

    @Test("random names differ and have the asked length")
    func random() {
        let names = Set((0..<100).map { _ in SystemRandom.hexadecimal(byteCount: 16) })
        #expect(names.count == 100)
        #expect(names.allSatisfy { $0.utf8.count == 32 })
        #expect(SystemRandom.bytes(0) == [])
        // More than one call of getrandom gives at once without a signal in between.
        #expect(Set(SystemRandom.bytes(100_000)).count == 256)
    }

    @Test("clocks run, and the figures of the process are plausible")
    func clocksAndFigures() throws {
        let before = SystemClock.monotonicNanoseconds
        #expect(SystemClock.monotonicNanoseconds >= before)
        let difference = abs(Double(SystemClock.unixSeconds) - Date().timeIntervalSince1970)
        #expect(difference < 2)
        #expect(abs(SystemClock.unixMilliseconds / 1000 - SystemClock.unixSeconds) <= 1)

        let limit = try ProcessLimits.raiseOpenFileLimit()
        #expect(try ProcessLimits.openFileLimit() == limit)
        let figures = try ProcessFigures.now()
        #expect(figures.residentByteCount > figures.anonymousByteCount)
        #expect(figures.anonymousByteCount > 100_000)
        #expect((3..<limit).contains(figures.openDescriptorCount))
        #expect(figures.processorTime > .zero)
    }

    @Test("an error says its fixed text and nothing else")
    func errorText() {
        #expect("\(Errno.noSpace)" == "no space left on the file system (ENOSPC)")
        #expect("\(Errno(9999))" == "system error 9999")
        #expect(Errno.noSpace.isOutOfSpace)
        #expect(!Errno.inputOutput.isOutOfSpace)
    }
}
