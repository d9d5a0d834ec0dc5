import Foundation
import Linux

/// A folder of its own for one test, removed at the end.
package final class ScratchFolder: Sendable {
    package let path = NSTemporaryDirectory() + "larder-" + SystemRandom.hexadecimal(byteCount: 8)

    package init() {
        // A failure shows in the test itself, which then finds no folder.
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something new in the folder.
    package func newPath() -> String {
        path + "/" + SystemRandom.hexadecimal(byteCount: 8)
    }

    package func write(_ bytes: [UInt8], to file: String) throws {
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    package func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
    }
}
