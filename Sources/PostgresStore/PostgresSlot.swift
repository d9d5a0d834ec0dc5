/// One connection of the pool, and what it is doing; on the loop's thread alone.
final class PostgresSlot {
    enum Phase {
        case connecting(until: UInt64, isWrite: Bool)
        case idle
        case running(PostgresJob, until: UInt64)
        /// Running a statement of the pool's own: a first one after an outage, or the end of a
        /// transaction that failed.
        case errand(until: UInt64)
    }

    let connection: PostgresConnection
    /// In monotonic nanoseconds.
    let openedAt: UInt64
    var phase: Phase
    /// Whether the server has answered a statement on it.
    var hasServed = false
    /// Whether it gets no further work.
    var isRetired = false

    init(_ connection: PostgresConnection, openedAt: UInt64, until: UInt64) {
        self.connection = connection
        self.openedAt = openedAt
        phase = .connecting(until: until, isWrite: true)
    }

    var isIdle: Bool {
        if case .idle = phase { return true }
        return false
    }

    var isConnecting: Bool {
        if case .connecting = phase { return true }
        return false
    }

    /// When it is given up, in monotonic nanoseconds.
    var deadline: UInt64? {
        switch phase {
        case .connecting(let until, _), .running(_, let until), .errand(let until): until
        case .idle: nil
        }
    }

    /// The transaction that it runs.
    var job: PostgresJob? {
        if case .running(let job, _) = phase { return job }
        return nil
    }

    /// Whether its socket matters when it can take bytes, beside when it has some.
    var wantsWrite: Bool {
        if case .connecting(_, let isWrite) = phase { return isWrite }
        return connection.wantsWrite
    }

    /// Whether its socket matters when it has bytes: while connecting only in turn.
    var wantsRead: Bool {
        if case .connecting(_, let isWrite) = phase { return !isWrite }
        return true
    }
}
