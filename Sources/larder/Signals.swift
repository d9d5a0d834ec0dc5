import Dispatch
import Linux
import Synchronization

/// The signals that came since this object was made, from Dispatch's own thread, as long as it
/// lives.
///
/// Every stream begins with those that came before it, so that none is lost between two who wait.
final class Signals: Sendable {
    private struct State {
        var arrived: [Signal] = []
        var listeners: [AsyncStream<Signal>.Continuation] = []
        var hasEnded = false
    }

    /// What a stream holds at most for one who does not read it.
    private static let keptCount = 8

    private let state = Mutex(State())
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    /// Returns when all of these signals are watched: Dispatch begins to on a thread of its own, and
    /// until then the kernel drops those that are ignored.
    static func watching(_ signals: [Signal]) async -> Signals {
        let watch = Signals()
        for signal in signals {
            await withCheckedContinuation { continuation in
                watch.begin(signal) { continuation.resume() }
            }
        }
        return watch
    }

    private func begin(_ signal: Signal, hasBegun: @escaping @Sendable () -> Void) {
        sources.withLock { sources in
            let source = DispatchSource.makeSignalSource(
                signal: signal.number, queue: .global(qos: .userInitiated))
            source.setEventHandler { [weak self] in self?.add(signal) }
            source.setRegistrationHandler(handler: hasBegun)
            source.resume()
            sources.append(source)
        }
    }

    private func add(_ signal: Signal) {
        let listeners = state.withLock { state in
            if state.arrived.count < Self.keptCount { state.arrived.append(signal) }
            return state.listeners
        }
        for listener in listeners { listener.yield(signal) }
    }

    /// All signals since the beginning, and those to come.
    func stream() -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Signal.self, bufferingPolicy: .bufferingNewest(Self.keptCount))
        let hasEnded = state.withLock { state in
            for signal in state.arrived { continuation.yield(signal) }
            state.listeners.append(continuation)
            return state.hasEnded
        }
        if hasEnded { continuation.finish() }
        return stream
    }

    /// Ends all streams; for any thread.
    func end() {
        let listeners = state.withLock { state in
            state.hasEnded = true
            return state.listeners
        }
        for listener in listeners { listener.finish() }
    }

    deinit {
        sources.withLock { sources in
            for source in sources { source.cancel() }
        }
    }
}
