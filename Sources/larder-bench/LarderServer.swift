import Foundation
import Linux
import Support

/// Larder itself, as it was built beside this program.
struct LarderServer: ServerUnderTest {
    let name = "larder"
    /// The path of the executable.
    let program: String

    func start(index: String) throws -> any RunningServer {
        try RunningLarder(program, root: "/pypi/", ["LARDER_PYPI_UPSTREAM": index])
    }

    func start(charts: String) throws -> any RunningServer {
        try RunningLarder(
            program, root: "/helm/sample/", ["LARDER_HELM_REPOSITORIES": "sample=\(charts)"])
    }
}

/// A `larder` with an empty folder of its own; ended when dropped.
final class RunningLarder: RunningServer {
    let port: Int
    let root: String
    var processIdentifier: Int32 { process.processIdentifier }
    private let process: Process
    private let folder: String

    init(_ program: String, root: String, _ settings: [String: String]) throws {
        self.root = root
        folder = try PeerServer.makeFolder()
        let log = folder + "/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve"]
        process.environment = settings.merging(
            ["LARDER_DATA": folder + "/data", "LARDER_LISTEN": "127.0.0.1:0"]
        ) { $1 }
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.runAlone()
        do {
            port = try Self.listeningPort(log, of: process)
        } catch {
            process.terminate()
            throw error
        }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Waits, for ten seconds at most, until the log says where it listens.
    private static func listeningPort(_ log: String, of process: Process) throws -> Int {
        let deadline = SystemClock.monotonicNanoseconds + 10_000_000_000
        while SystemClock.monotonicNanoseconds < deadline, process.isRunning {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            let line = text.split(separator: "\n").first { $0.contains("\"listening\"") }
            if let match = line?.firstMatch(of: #/http://127\.0\.0\.1:(\d+)/#),
                let port = Int(match.1)
            {
                return port
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchmarkFault(description: "larder does not listen: \(text.suffix(400))")
    }

    func counter(_ name: String) throws -> Int? {
        let body = try HTTPFetch(port: port).get("/metrics", keepingBody: true).body
        return String(decoding: body, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    func peakMemory() throws -> Int {
        let path = "/proc/\(process.processIdentifier)/status"
        let line = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("VmHWM:") }
        let words = line?.split { $0 == " " || $0 == "\t" } ?? []
        guard words.count > 1, let kibibytes = Int(words[1]) else {
            throw BenchmarkFault(description: "the kernel does not tell the memory of larder")
        }
        return kibibytes << 10
    }
}
