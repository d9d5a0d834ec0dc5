package import Backends

/// What changed about the database server, for logs and metrics.
package enum PostgresNews: Sendable, Hashable {
    case unreachable(ConnectFault)
    case reachable
    /// It refuses writes.
    case readOnly
    case writable
}
