package import Engine
package import Linux
internal import Synchronization
package import TLS

/// Serves HTTP/1.1 from a ``Responder``, on one thread per loop.
///
/// Every loop has a listening socket of its own at the same port, so the kernel deals out the
/// connections, and a connection never changes its thread. A server that was started must be
/// stopped, or its threads go on.
package final class HTTPServer: Sendable {
    /// Where it listens; the port is the real one.
    package let address: SocketAddress
    private let server: ServerState
    private let loops: [Loop]
    private let lifetime = Mutex(Lifetime())

    private struct Loop: Sendable {
        let inbox: LoopInbox
        let epoll: Epoll
        let listener: ListeningSocket
    }

    private struct Lifetime: Sendable {
        var runningLoopCount = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Binds the address and takes all descriptors that starting needs.
    ///
    /// Connections queue up in the kernel from here on. Port 0 lets the kernel choose; one loop
    /// per core is right. With `tls`, a connection speaks nothing else.
    package init(
        _ address: SocketAddress, loopCount: Int = Processors.count,
        limits: ServerLimits = ServerLimits(), tls: TLSAcceptor? = nil, responder: any Responder
    ) throws(ServerError) {
        precondition(loopCount > 0, "a server needs a loop")
        let listeners = try Self.listen(address, count: loopCount)
        self.address = listeners[0].address
        var loops: [Loop] = []
        do throws(Errno) {
            for listener in listeners {
                let loop = Loop(inbox: try LoopInbox(), epoll: try Epoll(), listener: listener)
                try loop.epoll.add(listener, token: EventLoop.listenerToken)
                try loop.epoll.add(loop.inbox.wakeUp, token: EventLoop.inboxToken)
                loops.append(loop)
            }
        } catch {
            throw .outOfResources(error)
        }
        self.loops = loops
        server = ServerState(limits, responder, tls: tls)
    }

    package var port: UInt16 { address.port }

    /// Connections that are open and counted now.
    package var connectionCount: Int { server.counter.count }

    /// Starts the loops; once.
    package func start() throws(ServerError) {
        for (number, loop) in loops.enumerated() {
            lifetime.withLock { $0.runningLoopCount += 1 }
            do throws(Errno) {
                try LinuxThread.start { [server, self] in
                    LinuxThread.takeShortTurns()
                    EventLoop(
                        server, loop.inbox, loop.epoll, loop.listener, number: number
                    ).run()
                    loopEnded()
                }
            } catch {
                loopEnded()
                throw .outOfResources(error)
            }
        }
    }

    // MARK: Shutting down, in this order

    /// From now on every answer tells its client to close the connection.
    package func beginDrain() {
        server.isDraining.store(true, ordering: .relaxed)
    }

    /// Closes the listening sockets, after the connections that already wait were accepted.
    package func stopAccepting() {
        for loop in loops { loop.inbox.post(.stopAccepting) }
    }

    /// Closes idle connections, lets the others finish, and resets those that have not by then.
    ///
    /// Returns when all connections and loops have ended. Cancellation changes nothing; `duration`
    /// bounds the wait.
    package func stop(within duration: Duration) async {
        beginDrain()
        let deadline = SystemClock.monotonicNanoseconds + duration.nanoseconds
        for loop in loops { loop.inbox.post(.stop(deadline: deadline)) }
        await withCheckedContinuation { continuation in
            let isOver = lifetime.withLock { lifetime in
                guard lifetime.runningLoopCount > 0 else { return true }
                lifetime.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func loopEnded() {
        let waiting = lifetime.withLock { lifetime in
            lifetime.runningLoopCount -= 1
            guard lifetime.runningLoopCount == 0 else {
                return [CheckedContinuation<Void, Never>]()
            }
            defer { lifetime.waiting = [] }
            return lifetime.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private static func listen(
        _ address: SocketAddress, count: Int
    ) throws(ServerError) -> [ListeningSocket] {
        do throws(Errno) {
            guard count > 1 else { return [try ListeningSocket(address, .alone)] }
            // Sockets that share a port also share it with another server of the same user, which
            // nobody would notice: so ask for it alone first, and let it go again.
            let probe = try ListeningSocket(address, .alone).address
            var listeners: [ListeningSocket] = []
            for _ in 0..<count { listeners.append(try ListeningSocket(probe, .shared)) }
            return listeners
        } catch .addressInUse {
            throw .addressInUse
        } catch .tooManyFiles {
            throw .outOfResources(.tooManyFiles)
        } catch {
            throw .addressNotAvailable(error)
        }
    }
}
