import Backends
import CommandLine
import Configuration
import HTTPModel
import Linux
import LockFiles
import Upkeep
import Upstream
import Warming

/// `larder warm`: lets a running server fetch all that lock files want.
enum WarmCommand {
    static func run(_ options: WarmOptions, _ settings: Settings) async -> ExitStatus {
        do throws(CommandFailure) {
            let lock = try read(options.files)
            let server = try server(options, settings)
            let credential = try credential(options)
            let client = try client(settings, isOwn: options.address == nil)
            defer { client.close() }
            try await expect(server, client)
            let concurrency = try concurrency(options)
            return await warm(lock, server, credential, concurrency, client)
        } catch {
            return Larder.complain(error.description, status: error.status)
        }
    }

    // MARK: What is wanted

    private static func read(_ files: [String]) throws(CommandFailure) -> LockedPackages {
        var lock = LockedPackages()
        for file in files {
            let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
            do throws(LockFileError) {
                lock.add(
                    try LockedPackages.read(try lockFile(at: file), name: file) { path in
                        try? lockFile(at: path.hasPrefix("/") ? path : folder + path)
                    })
            } catch {
                throw CommandFailure("\(file): \(error)", status: .misuse)
            }
        }
        return lock
    }

    /// No more is read of a file than a lock may have.
    private static func lockFile(at path: String) throws(LockFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(Errno) {
            var file = try SequentialFile(at: path)
            while bytes.count <= LockedPackages.byteLimit {
                let piece = try file.next(limit: 1 << 20)
                guard !piece.isEmpty else { return bytes }
                bytes += piece
            }
        } catch {
            throw .unreadable
        }
        throw .tooLarge(limitBytes: LockedPackages.byteLimit)
    }

    private static func concurrency(_ options: WarmOptions) throws(CommandFailure) -> Int {
        guard let text = options.concurrency else { return 8 }
        guard let number = Int(text), (1...64).contains(number) else {
            throw CommandFailure("--concurrency must be a number from 1 to 64", status: .misuse)
        }
        return number
    }

    private static func credential(
        _ options: WarmOptions
    ) throws(CommandFailure) -> Backends.Credential? {
        guard let file = options.tokenFile else { return nil }
        let text = Larder.contents(of: file).flatMap { String(validating: $0, as: UTF8.self) }
        guard let token = text.map({ $0.trimmingWhitespace.filter { $0 != "\n" && $0 != "\r" } }),
            !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw CommandFailure("\(file) holds no token", status: .misuse) }
        return Backends.Credential(authorization: "Bearer \(token)")
    }

    // MARK: The server

    private static func server(
        _ options: WarmOptions, _ settings: Settings
    ) throws(CommandFailure) -> WarmServer {
        let text =
            options.address
            ?? Healthcheck.base(of: settings.listen, isSecure: settings.tls != nil)
        guard let base = AbsoluteURL(text), base.query == nil else {
            throw CommandFailure(
                "--server must be a URL as http://127.0.0.1:8080", status: .misuse)
        }
        var server = WarmServer(base: base)
        for index in settings.pypi.indexes {
            if let url = index.source.upstream.url { server.indexes[url] = index.name }
        }
        for repository in settings.helm.repositories {
            if let url = repository.upstream.url { server.repositories[url] = repository.name }
        }
        return server
    }

    /// The server of this machine need not prove who it is: its certificate is for another name.
    private static func client(
        _ settings: Settings, isOwn: Bool
    ) throws(CommandFailure) -> CurlClient {
        do throws(UpstreamError) {
            var client = ClientSettings(
                version: Larder.version, certificateFile: settings.upstreamCAFile)
            client.verifiesServers = !isOwn
            return try CurlClient(client)
        } catch {
            throw CommandFailure("libcurl cannot be started: \(error)")
        }
    }

    /// One clear line where no server runs, instead of one for each file.
    private static func expect(
        _ server: WarmServer, _ client: CurlClient
    ) async throws(CommandFailure) {
        guard let url = server.base.resolving("healthz") else { return }
        var limits = TransferLimits(total: .seconds(10), bodyBytes: 1 << 16)
        limits.connect = .seconds(5)
        let request = UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: url.origin), limits: limits)
        let status: Int
        do throws(UpstreamError) {
            let response = try await client.fetch(request)
            response.body.cancel()
            status = response.status
        } catch {
            throw CommandFailure("\(server.base): the server \(error); is it running? see --server")
        }
        guard status == 200 else {
            throw CommandFailure("\(server.base) is no Larder, or not well (\(status))")
        }
    }

    // MARK: The work

    private static func warm(
        _ lock: LockedPackages, _ server: WarmServer, _ credential: Backends.Credential?,
        _ concurrency: Int,
        _ client: CurlClient
    ) async -> ExitStatus {
        for signal in [Signal.terminate, .interrupt] { signal.ignore() }
        let signals = await Signals.watching([.terminate, .interrupt])
        let line = ProgressLine()
        let isTerminal = StandardStream.error.isTerminal
        let run = WarmRun(
            client: client, server: server, credential: credential, concurrency: concurrency,
            watch: line.watch,
            arrived: { text in
                guard !isTerminal else { return }
                try? StandardStream.error.write(Array("\(text)\n".utf8))
            },
            pause: { try? await Task.sleep(for: $0) })
        let work = Task { await run.run(lock.packages) }
        let watcher = Task { [stream = signals.stream()] in
            for await _ in stream { work.cancel() }
        }
        let report = await work.value
        let wasCut = work.isCancelled
        watcher.cancel()
        line.end()
        withExtendedLifetime(signals) {}
        let shown = Larder.show(text(report, lock.omissions, wasCut: wasCut))
        guard shown == .good else { return shown }
        return report.isGood && !wasCut ? .good : .failed
    }

    private static func text(
        _ report: WarmReport, _ omissions: [LockedPackages.Omission], wasCut: Bool
    ) -> String {
        func count(_ count: WarmReport.Count) -> String {
            "\(count.count) files (\(ProgressText.size(count.byteCount)))"
        }
        var lines = [
            wasCut
                ? "interrupted; started again, it goes on:"
                : report.isGood ? "warm:" : "not all is warm:",
            "  already there: \(count(report.stored))",
            "  fetched: \(count(report.fetched))",
            "  failed: \(report.failures.count)",
        ]
        lines += report.failures.map { "    \($0.title): \($0.reason)" }
        if wasCut { lines.append("  left: \(report.leftCount)") }
        if !omissions.isEmpty {
            lines.append("  not of a registry, so not fetched: \(omissions.count)")
            lines += omissions.map { "    \($0.title): \($0.reason)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
