package import Backends

/// How the connections to the server are, as of a moment ago.
package struct PostgresHealth: Sendable, Hashable {
    /// Whether there is a connection, or nothing speaks against there being one.
    package var isReachable = true
    /// Whether the last write was not refused because the server only lets read.
    package var isWritable = true
    /// Why there is no connection.
    package var fault: ConnectFault?
    package var connectionCount = 0
    /// Connections made since the start.
    package var connectCount = 0
    /// Transactions that wait for a connection.
    package var waitingCount = 0

    package init() {}
}
