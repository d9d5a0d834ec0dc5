import Dispatch
import Foundation
package import HTTPModel
import Synchronization

/// A scriptable HTTP/1.1 origin on a loopback port, with a thread for each connection.
///
/// Routes are answered by their script: the nth request for a path gets the nth answer, and further
/// ones get the last. A path without a route is a 404.
package final class OriginStub: Sendable {
    package typealias Answering =
        @Sendable (_ request: OriginRequest, _ earlier: Int) -> OriginAnswer

    package let port: Int
    /// Without it another test may be given the port between ``stop()`` and ``restart()``.
    private let reserved: LoopbackSocket
    private let core = OriginCore()
    private let listening = Mutex<(socket: LoopbackSocket, ended: DispatchGroup)?>(nil)
    /// A port on which nobody accepts, and the connections that fill its queue.
    private let parked = Mutex<[LoopbackSocket]>([])

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - port: Where; 0 for a free one.
    ///   - sendBufferByteCount: What the kernel may take before the peer reads, where a test
    ///     measures that.
    /// - Throws: ``LoopbackSocket/Failure``.
    package init(port: UInt16 = 0, sendBufferByteCount: Int32? = nil) throws {
        reserved = try LoopbackSocket.reserved(port: port)
        self.port = Int(reserved.port)
        let socket = try LoopbackSocket.listening(port: reserved.port)
        core.sendBufferByteCount.withLock { $0 = sendBufferByteCount }
        accept(on: socket)
    }

    deinit { stop() }

    package var ledger: Ledger { core.ledger }

    /// The line that holds all answers to its speed; none by default.
    package var line: SharedLine? {
        get { core.line.withLock { $0 } }
        set { core.line.withLock { $0 = newValue } }
    }

    /// Scheme, address and port, without a slash at the end.
    package var base: String { "http://127.0.0.1:\(port)" }

    /// The URL of a path that begins with a slash.
    package func url(_ path: String) -> AbsoluteURL {
        guard let url = AbsoluteURL(base + path) else { preconditionFailure("bad path: \(path)") }
        return url
    }

    package var origin: AbsoluteURL.Origin { url("/").origin }

    package func route(_ path: String, _ script: OriginAnswer...) {
        route(path) { _, earlier in script[min(earlier, script.count - 1)] }
    }

    package func route(_ path: String, answering: @escaping Answering) {
        core.routes.withLock { $0[path] = answering }
    }

    /// Answers every path that has no route.
    package func fallback(answering: @escaping Answering) {
        core.fallback.withLock { $0 = answering }
    }

    /// Refuses connections from now on and breaks those that are open; the port stays ours to
    /// ``restart()`` on.
    package func stop() {
        parked.withLock { $0.removeAll() }
        let running = listening.withLock { $0.take() }
        running?.socket.shutDown()
        running?.ended.wait()
        core.breakConnections()
    }

    /// Listens on the same port again.
    package func restart() throws {
        stop()
        accept(on: try LoopbackSocket.listening(port: UInt16(port)))
    }

    /// Listens on, accepts nothing, and lets the kernel's queue be full: who connects waits.
    func stopAccepting() throws {
        stop()
        let socket = try LoopbackSocket.listening(port: UInt16(port), backlog: 0)
        // A queue of length 0 takes one (listen(2)).
        let filling = try LoopbackSocket.connected(to: UInt16(port))
        parked.withLock { $0 = [socket, filling] }
    }

    var isListening: Bool { listening.withLock { $0 != nil } }

    func changeFaults(_ change: (inout [FaultRule]) -> Void) {
        core.faults.withLock { change(&$0) }
    }

    /// Suspends until so many connections are open, seen from this side.
    package func connectionsOpen(_ count: Int) async {
        await core.open.until { $0.count == count }
    }

    private func accept(on socket: LoopbackSocket) {
        let ended = DispatchGroup()
        ended.enter()
        listening.withLock { $0 = (socket, ended) }
        // The thread must not keep the stub alive.
        Thread.detachNewThread { [core] in
            while let accepted = socket.accept() { core.serve(accepted) }
            ended.leave()
        }
    }
}

/// What the threads of a stub share.
final class OriginCore: Sendable {
    let ledger = Ledger()
    let routes = Mutex<[String: OriginStub.Answering]>([:])
    let fallback = Mutex<OriginStub.Answering?>(nil)
    /// Those that settle most of a path first.
    let faults = Mutex<[FaultRule]>([])
    let sendBufferByteCount = Mutex<Int32?>(nil)
    let line = Mutex<SharedLine?>(nil)
    let open = Watched<[Int: LoopbackSocket]>([:])

    func serve(_ socket: LoopbackSocket) {
        let number = ledger.addConnection()
        if let count = sendBufferByteCount.withLock({ $0 }) { socket.limitSendBuffer(to: count) }
        open.update { $0[number] = socket }
        Thread.detachNewThread { [self] in
            OriginConnection(socket, number: number, core: self).serve()
            open.update { $0[number] = nil }
        }
    }

    func answer(_ request: OriginRequest, earlier: Int) -> OriginAnswer {
        let right = rightAnswer(request, earlier: earlier)
        let rule = faults.withLock { $0.first { $0.matches(request.path) } }
        return rule?.fault.applied(to: right, for: request) ?? right
    }

    private func rightAnswer(_ request: OriginRequest, earlier: Int) -> OriginAnswer {
        let route = routes.withLock { $0[request.target] ?? $0[request.path] }
        if let route { return route(request, earlier) }
        if let fallback = fallback.withLock({ $0 }) { return fallback(request, earlier) }
        return OriginAnswer(404, .bytes(Array("no such route\n".utf8)))
    }

    func breakConnections() {
        for socket in open.value.values {
            socket.resetOnClose()
            socket.shutDown()
        }
    }
}
