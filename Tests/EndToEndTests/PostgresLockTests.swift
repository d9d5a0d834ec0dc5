import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// A database that takes its time.
    @Suite(
        .serialized,
        .enabled(
            if: PostgresServer.isInstalled || Machine.mustRunAll, "PostgreSQL is not installed"))
    struct PostgresLock {
        private static let (seriesCount, hitCount) = (4, 125)

        /// Asks for what is stored, over and over; the 99th of 100 times, in milliseconds: of four
        /// series the quickest, since others use the machine.
        private static func hits(_ file: Upstream.File, from larder: Larder) async throws -> Double
        {
            var least = Double.infinity
            for _ in 0..<seriesCount {
                var times: [Double] = []
                for _ in 0..<hitCount {
                    times.append(
                        try await milliseconds {
                            let answer = try await larder.get(file.target)
                            #expect(answer.isGood && answer.body.count == file.byteCount)
                        })
                }
                least = min(least, times.sorted()[hitCount * 99 / 100])
            }
            return least
        }

        /// Whether the whole file came, or a 503 that says when to come again.
        private static func ask(_ file: Upstream.File, of larder: Larder) async throws -> Bool {
            let answer = try await larder.get(file.target)
            if answer.status == 503 { return answer.headers["retry-after"] != nil }
            return answer.isGood && sha256(answer.body) == file.sha256
        }

        private static func isLocked(
            _ server: PostgresServer, _ database: String
        ) async throws -> Bool {
            try await server.ask(
                """
                SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'
                AND relation = 'larder_responses'::regclass
                """, in: database) == "1"
        }

        @Test(
            "B-3: a locked table: hits go on, the rest ends in its time, and then all of it is there",
            .timeLimit(.minutes(3)))
        func locked() async throws {
            let seconds = Machine.isFull ? 30 : 20
            let server = try await onThread { try PostgresServer() }
            let database = try await server.makeDatabase()
            let upstream = try Upstream()
            let known = try upstream.publish("known", Pattern(byteCount: 50_000, seed: 1))
            let cold = try upstream.publish(20, "cold", byteCount: 50_000)
            let home = try LarderHome(
                upstream: upstream.index, variables: ["DB_URL": server.url(database)])
            let larder = try await home.start()
            #expect(try await Self.ask(known, of: larder))
            try await eventually("it is stored") {
                let answer = try await larder.get(known.target)
                return answer.headers["cache-status"] == "larder; hit" ? true : nil
            }
            let before = try await Self.hits(known, from: larder)

            let lock = Task {
                try await server.ask(
                    """
                    BEGIN;
                    LOCK TABLE larder_responses IN ACCESS EXCLUSIVE MODE;
                    SELECT pg_sleep(\(seconds));
                    COMMIT
                    """, in: database)
            }
            try await eventually("the table is locked") {
                try await Self.isLocked(server, database) ? true : nil
            }
            // More than the pool has connections.
            let asked = Task {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for file in cold { group.addTask { try await Self.ask(file, of: larder) } }
                    return try await group.reduce(true) { $0 && $1 }
                }
            }
            let during = try await Self.hits(known, from: larder)
            #expect(try await Self.isLocked(server, database))
            print("B-3: p99 of hits \(before) ms before, \(during) ms while it is locked")
            #expect(during <= 2 * before + 20)
            #expect(try await asked.value)
            _ = try await lock.value
            for file in cold {
                try await eventually("\(file.name) is there", within: 10) {
                    let answer = try await larder.get(file.target)
                    return answer.isGood && sha256(answer.body) == file.sha256 ? true : nil
                }
            }
            #expect(try await larder.stop() == .exit(0))
        }
    }
}
