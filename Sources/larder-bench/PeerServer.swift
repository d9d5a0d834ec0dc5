import Foundation
import Linux
import Support

/// A server of any make, started with a folder of its own; ended, and its folder removed, when dropped.
final class PeerServer {
    let name: String
    let port: Int
    let folder: String
    private let process = Process()

    /// Starts `words` in `folder` and waits until `port` is listened on, for half a minute at most.
    init(
        _ name: String, _ words: [String], environment: [String: String] = [:], port: Int,
        in folder: String
    ) throws {
        self.name = name
        self.port = port
        self.folder = folder
        let log = folder + "/output"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.runAlone()
        let deadline = SystemClock.monotonicNanoseconds + 30_000_000_000
        while SystemClock.monotonicNanoseconds < deadline, process.isRunning {
            if (try? HTTPFetch(port: port)) != nil { return }
            Thread.sleep(forTimeInterval: 0.002)
        }
        process.terminate()
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchmarkFault(description: "\(name) does not listen: \(text.suffix(400))")
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    var processIdentifier: Int32 { process.processIdentifier }
    var use: ProcessUse { ProcessUse(of: process.processIdentifier) }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    static func makeFolder() throws -> String {
        let folder =
            NSTemporaryDirectory() + "larder-bench-" + SystemRandom.hexadecimal(byteCount: 8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// One that was free a moment ago, for servers that cannot choose one themselves.
    static func freePort() throws -> Int { Int(try LoopbackSocket.listening().port) }
}
