import Foundation
import Linux
import Support

/// A place for the server: its data folder and its settings, which outlive its processes.
final class LarderHome: Sendable {
    let store: String
    private let folder: TemporaryFolder
    private let environment: [String: String]
    private let configuration: String
    private let wrapper: [String]

    /// Settles where it will run.
    ///
    /// Without `upstream` it is the built-in one, without `store` a new data folder of its own.
    /// `variables` are added to the environment, `settings` are lines of the configuration file,
    /// `wrapper` are words before the server's own command line.
    init(
        upstream: String?, store: String? = nil, variables: [String: String] = [:],
        settings: String = "", wrapper: [String] = []
    ) throws {
        self.wrapper = wrapper
        folder = try TemporaryFolder()
        self.store = store ?? folder.path + "/data"
        // Draining slowly is for load balancers; one test asks for it.
        let drain = settings.contains("drain_delay_seconds") ? "" : "drain_delay_seconds: 0\n"
        configuration = try folder.write(drain + settings, to: "larder.yaml")
        var environment = ["LARDER_DATA": self.store, "LARDER_PYPI_UPSTREAM": upstream ?? ""]
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
        self.environment = environment.merging(variables) { $1 }
    }

    /// Starts the binary, whether it will serve or not; on a free port for 0.
    func launch(port: Int = 0, under injection: Injection? = nil) throws -> Larder {
        let number = SystemRandom.hexadecimal(byteCount: 4)
        let (log, trace) = ("\(folder.path)/log-\(number)", "\(folder.path)/trace-\(number)")
        let process = try ChildProcess(
            wrapper + (injection?.words(writing: trace, in: store) ?? [])
                + [Machine.binary, "serve", "--config", configuration],
            environment: environment.merging(["LARDER_LISTEN": "127.0.0.1:\(port)"]) { $1 },
            folder: folder.path, log: log)
        return Larder(process, in: self, log: log, trace: trace)
    }

    /// Starts the binary and waits until it listens.
    func start(port: Int = 0, under injection: Injection? = nil) async throws -> Larder {
        let larder = try launch(port: port, under: injection)
        try await eventually("larder listens", pause: 1) {
            if let ending = larder.process.ending {
                throw Overdue(description: "larder ended, \(ending): \(larder.log)")
            }
            return larder.listens() ? true : nil
        }
        return larder
    }

    /// Starts the binary and waits until it gives up.
    func refusal(port: Int = 0) async throws -> (ending: ChildProcess.Ending, lines: [String]) {
        let larder = try launch(port: port)
        let ending = try await larder.process.end(within: 20)
        return (ending, larder.log.split(separator: "\n").map(String.init))
    }

    /// Runs another command to its end, with the same settings.
    func run(_ words: [String]) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(
            [Machine.binary] + words + ["--config", configuration], environment: environment)
    }

    /// Starts another command, with the same settings.
    func begin(_ words: [String]) throws -> ChildProcess {
        let log = "\(folder.path)/log-\(SystemRandom.hexadecimal(byteCount: 4))"
        return try ChildProcess(
            [Machine.binary] + words + ["--config", configuration], environment: environment,
            folder: folder.path, log: log)
    }

    /// Blobs whose bytes are not those of their name, by path; and how many were looked at.
    func damage() throws -> (wrong: [String], count: Int) {
        let files = TemporaryFolder.files(below: store + "/blobs")
        let wrong = try files.filter { file in
            let name = (file as NSString).lastPathComponent
            return sha256(try TemporaryFolder.bytes(of: file)) != name
        }
        return (wrong, files.count)
    }

    /// Whether there is a blob of this name.
    func holds(_ hash: String) -> Bool {
        TemporaryFolder.files(below: store + "/blobs").contains { $0.hasSuffix("/" + hash) }
    }

    /// What lies in the folder for what is being written.
    var staged: [String] { TemporaryFolder.files(below: store + "/staging") }
}

/// One running server.
final class Larder: Sendable {
    let process: ChildProcess
    private let logFile: String
    /// What strace writes, where the server was started under it.
    let traceFile: String
    private let listeningPort = Watched(0)
    /// Its folder stays as long as it runs.
    private let home: LarderHome

    fileprivate init(_ process: ChildProcess, in home: LarderHome, log: String, trace: String) {
        self.home = home
        self.process = process
        logFile = log
        traceFile = trace
    }

    fileprivate func listens(on port: Int) {
        listeningPort.update { $0 = port }
    }

    /// Whether it says that it listens; its port is known from then on.
    func listens() -> Bool {
        guard let url = events("listening").first?["url"].flatMap({ URL(string: $0) }) else {
            return false
        }
        listens(on: url.port ?? 0)
        return true
    }

    var port: Int { listeningPort.value }
    /// What a client gets as its index URL.
    var index: String { "http://127.0.0.1:\(port)/pypi/simple/" }
    /// The same for an index with a name.
    func index(_ name: String) -> String { "http://127.0.0.1:\(port)/pypi/\(name)/simple/" }

    func get(
        _ target: String, fields: [String] = [], within seconds: Double = 60
    ) async throws -> Exchange {
        try await Exchange.get(target, from: port, fields: fields, within: seconds)
    }

    /// A metric's value, summed up over its labels.
    func metric(_ name: String) async throws -> Double {
        let lines = try await get("/metrics").text.split(separator: "\n")
        return lines.filter { $0.hasPrefix(name) && !$0.hasPrefix("#") }
            .compactMap { line in line.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }

    /// Asks it to stop, and waits until it has.
    @discardableResult
    func stop() async throws -> ChildProcess.Ending {
        process.signal(SIGTERM)
        return try await process.end()
    }

    /// Kills it, and waits until it is gone.
    func kill() async throws {
        process.signal(SIGKILL)
        _ = try await process.end()
    }

    /// All that it wrote so far.
    var log: String {
        String(decoding: (try? TemporaryFolder.bytes(of: logFile)) ?? [], as: UTF8.self)
    }

    /// The log's lines of one event, each by its fields.
    func events(_ event: String) -> [[String: String]] {
        log.split(separator: "\n").compactMap { line in
            let fields = try? JSONSerialization.jsonObject(with: Foundation.Data(line.utf8))
            guard let fields = fields as? [String: Any], fields["event"] as? String == event else {
                return nil
            }
            return fields.mapValues { "\($0)" }
        }
    }

    /// Anonymous resident memory in bytes.
    var anonymousByteCount: Int {
        let status = try? TemporaryFolder.bytes(of: "/proc/\(process.pid)/status")
        let lines = String(decoding: status ?? [], as: UTF8.self).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("RssAnon:") }?.split { $0 == " " || $0 == "\t" }
        return (words?.dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
