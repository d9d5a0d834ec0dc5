import Foundation

/// Runs programs to their end, away from the few threads of the tests.
package enum ServerProgram {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs `words` and gives what it wrote to its standard output.
    ///
    /// Blocks; ``runAside(_:environment:)`` does not.
    ///
    /// - Throws: ``Failure`` with all that it wrote, when its exit status is not 0.
    @discardableResult
    package static func run(
        _ words: [String], environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--"] + words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, since a daemon that it leaves behind would keep a pipe open.
        let output = NSTemporaryDirectory() + "larder-out-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: output) }
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        guard let file = FileHandle(forWritingAtPath: output) else {
            throw Failure(description: "no file \(output)")
        }
        process.standardOutput = file
        process.standardError = file
        try process.runAlone()
        process.waitUntilExit()
        let text = String(
            decoding: FileManager.default.contents(atPath: output) ?? Foundation.Data(),
            as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(words.first ?? "") \(words.dropFirst()): \(text)")
        }
        return text
    }

    /// The same on a thread of its own.
    @discardableResult
    package static func runAside(
        _ words: [String], environment: [String: String] = [:]
    ) async throws -> String {
        try await aside { try run(words, environment: environment) }
    }

    /// Runs work that blocks on a thread of its own.
    package static func aside<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    /// What goes before the words of a program that refuses to run as root.
    package static func unprivileged(_ words: [String]) -> [String] {
        isRoot
            ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] + words : words
    }

    /// Words that start a program which leaves a daemon behind.
    ///
    /// Foundation waits until the socket closes that it gave to its child, so the daemon must not
    /// have it.
    static func leavingDaemon(_ words: [String]) -> [String] {
        let script = """
            (
                for file in /proc/$BASHPID/fd/*; do
                    number=${file##*/}
                    if ((number > 2)); then eval "exec $number>&-"; fi
                done
                exec "$@"
            )
            """
        return ["bash", "-c", script, "bash"] + words
    }

    static let isRoot = NSUserName() == "root"

    /// Makes a folder that such a program may use.
    package static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        if isRoot { try run(["chown", "nobody:nogroup", path]) }
    }
}
