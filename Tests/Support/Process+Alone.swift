package import Foundation
import Synchronization

private let starting = Mutex(())

extension Process {
    /// Starts the process while no other one of ours is being started.
    ///
    /// Foundation learns of a process's end from a socket that closes with it. A child that is
    /// started at the same moment can inherit that socket; `waitUntilExit` then waits for the end
    /// of the other one, and for ever if that one is a server.
    package func runAlone() throws {
        try starting.withLock { _ in try run() }
    }
}
