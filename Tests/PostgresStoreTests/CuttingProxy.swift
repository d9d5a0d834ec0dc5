import Foundation
import Support
import Synchronization

/// Passes connections on to a server, and breaks one where a test wants it; two threads for each.
final class CuttingProxy: Sendable {
    /// Where the next connection that carries so many bytes breaks.
    enum Cut: Sendable, Hashable, CustomStringConvertible {
        /// After so many bytes of what the client asks.
        case question(Int)
        /// After so many bytes of what the server answers.
        case answer(Int)

        var description: String {
            switch self {
            case .question(let count): "after \(count) bytes of the question"
            case .answer(let count): "after \(count) bytes of the answer"
            }
        }
    }

    private struct State {
        var cut: Cut?
        var cutCount = 0
        var attemptCount = 0
        var pairs: [(client: LoopbackSocket, server: LoopbackSocket)] = []
    }

    let port: Int
    private let listener: LoopbackSocket
    private let serverPort: UInt16
    private let state = Mutex(State())

    init(before serverPort: Int) throws {
        listener = try LoopbackSocket.listening()
        port = Int(listener.port)
        self.serverPort = UInt16(serverPort)
        Thread.detachNewThread { [listener] in
            while let client = listener.accept() { self.serve(client) }
        }
    }

    /// Ends everything; further connections are refused.
    func close() {
        listener.shutDown()
        breakAll()
    }

    /// Breaks all connections of now.
    func breakAll() {
        let pairs = state.withLock { state in
            defer { state.pairs = [] }
            return state.pairs
        }
        for pair in pairs {
            pair.client.shutDown()
            pair.server.shutDown()
        }
    }

    /// Breaks one connection, counting its bytes from now.
    func arm(_ cut: Cut) { state.withLock { $0.cut = cut } }

    /// Takes back a cut that nothing has met.
    func disarm() { state.withLock { $0.cut = nil } }

    var cutCount: Int { state.withLock { $0.cutCount } }

    /// How often a client has connected so far, also where the server did not answer.
    var attemptCount: Int { state.withLock { $0.attemptCount } }

    private func serve(_ client: LoopbackSocket) {
        state.withLock { $0.attemptCount += 1 }
        guard let server = try? LoopbackSocket.connected(to: serverPort) else {
            client.shutDown()
            return
        }
        state.withLock { $0.pairs.append((client, server)) }
        Thread.detachNewThread { self.pass(from: client, to: server, isQuestion: true) }
        Thread.detachNewThread { self.pass(from: server, to: client, isQuestion: false) }
    }

    private func pass(from source: LoopbackSocket, to sink: LoopbackSocket, isQuestion: Bool) {
        while true {
            let bytes = source.read()
            guard !bytes.isEmpty else { break }
            let allowed = allowance(for: bytes.count, isQuestion: isQuestion)
            let isPassed = sink.write(Array(bytes.prefix(allowed)))
            guard isPassed, allowed == bytes.count else { break }
        }
        source.shutDown()
        sink.shutDown()
    }

    /// How many of so many bytes may pass; fewer when this is the connection to break.
    private func allowance(for count: Int, isQuestion: Bool) -> Int {
        state.withLock { state in
            switch (state.cut, isQuestion) {
            case (.question(let limit), true), (.answer(let limit), false):
                if count < limit {
                    state.cut = isQuestion ? .question(limit - count) : .answer(limit - count)
                    return count
                }
                state.cut = nil
                state.cutCount += 1
                // Never all of it: then the break could go unseen.
                return min(limit, count - 1)
            default:
                return count
            }
        }
    }
}
