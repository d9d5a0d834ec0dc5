import Foundation
import Support
import Linux

/// A folder of one test's own, removed at the end.
final class TemporaryFolder: Sendable {
    let path = NSTemporaryDirectory() + "larder-e2e-" + SystemRandom.hexadecimal(byteCount: 8)

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A new folder in it.
    func folder(_ name: String = SystemRandom.hexadecimal(byteCount: 8)) throws -> String {
        let folder = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Writes a file in it.
    ///
    /// - Returns: Its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Every file below `folder`, by its path.
    static func files(below folder: String) -> [String] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        return names.compactMap { $0 as? String }.map { "\(folder)/\($0)" }.filter { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.type] as? FileAttributeType == .typeRegular
        }
    }

    static func bytes(of file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }
}

/// A small file system in memory, unmounted at the end: a disk that can be filled.
final class MountedFolder: Sendable {
    let path: String
    private let parent: TemporaryFolder

    /// Mounts it; with so many files and folders at most, where `inodes` says how many.
    init(mebibytes: Int, inodes: Int? = nil) throws {
        parent = try TemporaryFolder()
        path = try parent.folder("small")
        let options = "size=\(mebibytes)m" + (inodes.map { ",nr_inodes=\($0)" } ?? "")
        guard Self.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]) else {
            throw Overdue(description: "mount failed")
        }
    }

    deinit { _ = Self.run(["umount", "--lazy", path]) }

    func makeReadOnly() throws {
        guard Self.run(["mount", "-o", "remount,ro", path]) else {
            throw Overdue(description: "remount failed")
        }
    }

    static func isPermitted() -> Bool { (try? MountedFolder(mebibytes: 1)) != nil }

    private static func run(_ words: [String]) -> Bool {
        (try? Program.run(words).status) == 0
    }
}
