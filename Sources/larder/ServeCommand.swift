import Backends
import BucketStore
import Clients
import Configuration
import Engine
import HTTPServer
import Linux
import Policy
import Upstream

/// `larder serve`: starts, serves, drains.
enum ServeCommand {
    /// `reread` reads the settings anew, for SIGHUP.
    static func run(
        _ settings: Settings, reread: @escaping @Sendable () throws -> Settings
    ) async -> ExitStatus {
        for signal in [Signal.brokenPipe, .terminate, .interrupt, .hangUp] { signal.ignore() }
        // Before anyone can know that the server is up: what came earlier would be lost.
        let signals = await Signals.watching([.terminate, .interrupt, .hangUp])
        // More descriptors mean more hot files kept open; without them the server still works.
        _ = try? ProcessLimits.raiseOpenFileLimit()
        let log = LogWriter(settings.log)
        let audit: AuditLog?
        do throws(StartFailure) {
            audit = try settings.auditFile.map { (file) throws(StartFailure) in
                try AuditLog.open(file, telling: log)
            }
        } catch {
            return Larder.complain(error.description, status: .misuse)
        }
        let observer = Observer(log: log, audit: audit)
        let wiring: Wiring
        do throws(StartFailure) {
            guard let database = try await database(settings, observer, signals) else {
                observer.note("stopped")
                observer.log.flush()
                return .good
            }
            wiring = try Wiring(settings, database: database, observer: observer)
            try await load(wiring.tokens)
            try await loadMalware(wiring.engine)
            try start(wiring)
        } catch {
            return Larder.complain(error.description, status: .misuse)
        }
        let scheme = wiring.certificate == nil ? "http" : "https"
        observer.note(
            "listening", ("url", "\(scheme)://\(wiring.server.address)"), ("data", settings.folder),
            ("version", Larder.version))
        await withDiscardingTaskGroup { group in
            group.addTask { await wiring.engine.run() }
            group.addTask { await wiring.database.finishMigration() }
            group.addTask { await wiring.database.enterBacklog() }
            group.addTask { await wiring.pages.run() }
            group.addTask { await observer.meter.run(into: wiring.database.store) }
            if let tokens = wiring.tokens { group.addTask { await tokens.run() } }
            if let tier = wiring.tier { group.addTask { await tier.run() } }
            if let certificate = wiring.certificate { group.addTask { await certificate.run() } }
            await drain(wiring, settings, on: signals, reread: reread)
            group.cancelAll()
        }
        wiring.client.close()
        await wiring.database.close()
        observer.note("stopped")
        observer.audit?.flush()
        observer.log.flush()
        return .good
    }

    /// Opens the database; nil when a signal came while its server was waited for.
    private static func database(
        _ settings: Settings, _ observer: Observer, _ signals: Signals
    ) async throws(StartFailure) -> OpenDatabase? {
        let result = await withTaskGroup(of: Result<OpenDatabase?, StartFailure>.self) { group in
            group.addTask {
                do throws(StartFailure) {
                    let patience = Duration.seconds(settings.startupWaitSeconds)
                    return .success(
                        try await Wiring.database(settings, patience: patience) { news, server in
                            observer.databaseChanged(news, server: server)
                        })
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await signal in signals.stream() where signal != .hangUp { break }
                return .success(nil)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(nil)
        }
        return try result.get()
    }

    /// Reads the tokens before anybody can come with one.
    private static func load(_ tokens: TokenTable?) async throws(StartFailure) {
        do throws(StoreError) {
            try await tokens?.load()
        } catch {
            throw StartFailure("the tokens of clients cannot be read: \(error)")
        }
    }

    /// Before the first request: else what is listed would be served until the engine has looked.
    private static func loadMalware(_ engine: PullThroughEngine) async throws(StartFailure) {
        do throws(StoreError) {
            try await engine.learnMalware()
        } catch {
            throw StartFailure("the list of malware cannot be read: \(error)")
        }
    }

    private static func start(_ wiring: Wiring) throws(StartFailure) {
        do {
            try wiring.server.start()
            try wiring.metricsServer?.start()
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Waits for SIGTERM or SIGINT, then shuts down in the order that loses no client.
    ///
    /// `/readyz` turns 503 at once; connections are accepted for `drain_delay_seconds` more, so that
    /// a load balancer can notice; then what is under way gets `drain_seconds`: downloads first, and
    /// then what was downloaded, until it is stored. A second signal cuts the waiting short.
    private static func drain(
        _ wiring: Wiring, _ settings: Settings, on signals: Signals,
        reread: @Sendable () throws -> Settings
    ) async {
        var arrived = signals.stream().makeAsyncIterator()
        while let signal = await arrived.next() {
            guard signal == .hangUp else { break }
            reload(wiring, reread)
        }
        wiring.observer.note("draining")
        for door in wiring.doors { door.beginDrain() }
        wiring.server.beginDrain()
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await Task.sleep(for: .seconds(settings.drainDelaySeconds))
                wiring.server.stopAccepting()
                let begun = ContinuousClock.now
                await wiring.server.stop(within: .seconds(settings.drainSeconds))
                let end = begun + .seconds(settings.drainSeconds)
                await finishStoring(wiring, until: max(end, .now + storingPatience))
                await wiring.metricsServer?.stop(within: .zero)
                signals.end()
            }
            while let signal = await arrived.next() {
                guard signal != .hangUp else { continue }
                wiring.observer.warn("drain-cut-short")
                group.cancelAll()
                await wiring.server.stop(within: .zero)
            }
        }
        wiring.engine.close()
    }

    /// Takes the policy that the settings and its file hold now; a bad one leaves the old one.
    private static func reload(_ wiring: Wiring, _ reread: () throws -> Settings) {
        wiring.observer.audit?.reopen()
        do {
            let rules = try PolicyWiring.rules(try reread())
            wiring.engine.policy.adopt(rules)
            wiring.observer.note(
                "policy-loaded", ("hint", "other settings are read at the next start"))
        } catch {
            wiring.observer.warn(
                "policy-refused", ("reason", "\(error)"), ("hint", "the old one stays"))
        }
    }

    /// What storing gets, even when downloads took all of `drain_seconds`.
    private static let storingPatience = Duration.seconds(2)

    /// Lets files that clients have whole get into the store, and into a bucket behind it.
    private static func finishStoring(
        _ wiring: Wiring, until end: ContinuousClock.Instant
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await wiring.engine.finishStoring()
                await wiring.tier?.uploadPending()
            }
            group.addTask { try? await Task.sleep(until: end) }
            await group.next()
            // What still waits for a store fails now.
            wiring.engine.close()
            group.cancelAll()
        }
    }
}
