import Foundation
import Support

/// A program that a test started; killed when dropped.
final class ChildProcess: Sendable {
    struct Ending: Sendable, Hashable {
        /// The exit status, or the signal's number.
        let status: Int32
        let isSignal: Bool

        static func exit(_ status: Int32) -> Ending { Ending(status: status, isSignal: false) }
    }

    /// What it ran and what it wrote, both streams together.
    struct Outcome: Sendable {
        let ending: Ending
        let output: String
        var isGood: Bool { ending == .exit(0) }
    }

    let pid: Int32
    private let process: Process
    private let ended: Watched<Ending?>

    /// Starts `words`: a program's path or name, and its arguments.
    ///
    /// It gets nothing of this process's environment but PATH; `log` is the file that takes what it
    /// writes.
    init(_ words: [String], environment: [String: String], folder: String, log: String) throws {
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        guard let file = FileHandle(forWritingAtPath: log) else {
            throw Overdue(description: "no log file \(log)")
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--"] + words
        process.environment = environment.merging(["PATH": path]) { given, _ in given }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        let ended = Watched<Ending?>(nil)
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            let ending = Ending(status: process.terminationStatus, isSignal: isSignal)
            ended.update { $0 = ending }
        }
        try process.runAlone()
        self.process = process
        self.ended = ended
        pid = process.processIdentifier
    }

    deinit { signal(SIGKILL) }

    var ending: Ending? { ended.value }

    /// Sends a signal, as long as it runs.
    func signal(_ number: Int32) {
        if process.isRunning { kill(pid, number) }
    }

    /// Waits for its end.
    func end(within seconds: Double = 60) async throws -> Ending {
        try await eventually("process \(pid) ends", within: seconds, pause: 2) { ending }
    }

    /// Runs a program to its end, or kills it when it takes too long.
    static func run(
        _ words: [String], environment: [String: String] = [:], within seconds: Double = 120
    ) async throws -> Outcome {
        let scratch = try TemporaryFolder()
        let log = scratch.path + "/log"
        let child = try ChildProcess(
            words, environment: environment, folder: scratch.path, log: log)
        let ending = try await child.end(within: seconds)
        return Outcome(
            ending: ending,
            output: String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self))
    }
}
