internal import Backends
internal import Synchronization

/// The connections that only read, each on a lane of its own.
final class SQLiteReaders: Sendable {
    private struct Reader: Sendable {
        let connection: SQLiteConnection
        let lane: BlockingLane
    }

    private let readers: [Reader]
    private let turns = Atomic<Int>(0)

    init(_ connections: [SQLiteConnection]) {
        precondition(!connections.isEmpty)
        readers = connections.enumerated().map { index, connection in
            Reader(
                connection: connection, lane: BlockingLane(label: "larder.database.reader.\(index)")
            )
        }
    }

    /// Runs `work`, which sees everything that was committed before the call.
    func read<Success: Sendable>(
        _ work: @escaping @Sendable (SQLiteConnection) throws(SQLiteFailure) -> Success
    ) async throws(StoreError) -> Success {
        let turn = turns.wrappingAdd(1, ordering: .relaxed).oldValue
        let reader = readers[Int(UInt(bitPattern: turn) % UInt(readers.count))]
        return try await reader.lane.run { () throws(StoreError) in
            do throws(SQLiteFailure) {
                return try work(reader.connection)
            } catch {
                throw StoreError(error)
            }
        }
    }
}
