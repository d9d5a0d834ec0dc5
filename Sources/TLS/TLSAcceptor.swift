package import Linux
internal import Synchronization

/// Begins sessions with the context of the moment, which may be exchanged at any time.
package final class TLSAcceptor: Sendable {
    private let context: Mutex<TLSContext>

    package init(_ context: TLSContext) {
        self.context = Mutex(context)
    }

    /// From now on new sessions have this one; those that are there keep theirs.
    package func adopt(_ context: TLSContext) {
        self.context.withLock { $0 = context }
    }

    /// A session on a connection that was just accepted; nil when libssl has no memory left.
    package func session(on socket: borrowing Socket) -> TLSSession? {
        TLSSession(context.withLock { $0 }, on: socket)
    }
}
