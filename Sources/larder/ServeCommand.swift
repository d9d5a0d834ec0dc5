import BucketStore
import Configuration
import Dispatch
import Engine
import HTTPServer
import Linux
import Upstream

/// `larder serve`: starts, serves, drains.
enum ServeCommand {
    static func run(_ settings: Settings) async -> ExitStatus {
        for signal in [Signal.brokenPipe, .terminate, .interrupt, .hangUp] { signal.ignore() }
        // Before anyone can know that the server is up: what came earlier would be lost.
        let signals = Signals([.terminate, .interrupt, .hangUp])
        // More descriptors mean more hot files kept open; without them the server still works.
        _ = try? ProcessLimits.raiseOpenFileLimit()
        let observer = Observer(log: LogWriter())
        let wiring: Wiring
        do throws(StartFailure) {
            guard let database = try await database(settings, observer) else {
                observer.note("stopped")
                observer.log.flush()
                return .good
            }
            wiring = try Wiring(settings, database: database, observer: observer)
            try start(wiring)
        } catch {
            return Larder.complain(error.description, status: .misuse)
        }
        observer.note(
            "listening", ("url", "http://\(wiring.server.address)"), ("data", settings.folder),
            ("version", Larder.version))
        await withDiscardingTaskGroup { group in
            group.addTask { await wiring.engine.run() }
            group.addTask { await wiring.database.finishMigration() }
            if let tier = wiring.tier { group.addTask { await tier.run() } }
            await drain(wiring, settings, on: signals)
            group.cancelAll()
        }
        wiring.client.close()
        await wiring.database.close()
        observer.note("stopped")
        observer.log.flush()
        return .good
    }

    /// Opens the database; nil when a signal came while its server was waited for.
    private static func database(
        _ settings: Settings, _ observer: Observer
    ) async throws(StartFailure) -> OpenDatabase? {
        // Not the signals of later: waiting for those here would use them up.
        let signals = Signals([.terminate, .interrupt])
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
            group.addTask { [stream = signals.stream] in
                for await _ in stream { break }
                return .success(nil)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(nil)
        }
        withExtendedLifetime(signals) {}
        return try result.get()
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
        _ wiring: Wiring, _ settings: Settings, on signals: Signals
    ) async {
        let endSignals = signals.end
        var arrived = signals.stream.makeAsyncIterator()
        while let signal = await arrived.next() {
            guard signal == .hangUp else { break }
            wiring.observer.warn(
                "signal-ignored", ("signal", "SIGHUP"), ("hint", "restart to read the settings"))
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
                endSignals()
            }
            while let signal = await arrived.next() {
                guard signal != .hangUp else { continue }
                wiring.observer.warn("drain-cut-short")
                group.cancelAll()
                await wiring.server.stop(within: .zero)
            }
        }
        wiring.engine.close()
        withExtendedLifetime(signals) {}
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

/// Signals as a stream, from Dispatch's own thread, as long as this object lives.
final class Signals {
    let stream: AsyncStream<Signal>
    /// Ends the stream; for any thread.
    let end: @Sendable () -> Void
    private let sources: [any DispatchSourceSignal]

    init(_ signals: [Signal]) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Signal.self, bufferingPolicy: .bufferingNewest(8))
        self.stream = stream
        end = { continuation.finish() }
        sources = signals.map { signal in
            let source = DispatchSource.makeSignalSource(
                signal: signal.number, queue: .global(qos: .userInitiated))
            source.setEventHandler { continuation.yield(signal) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
